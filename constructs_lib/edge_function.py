"""Code at the edge: a Lambda@Edge function, made in us-east-1 and copied by CloudFront to where its viewers are."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.cloudfront_function import CloudfrontFunction
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from constructs import Construct

from constructs_lib.alarms import Alarm, Pager, watch
from constructs_lib.function import ARCHIVES, RUNTIME
from constructs_lib.peer import Peer
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site
from deployments.distribution import EdgeFunction as EdgeFunctionSpec
from deployments.distribution_rules import EDGE_LIMITS
from deployments.problems import ProblemsError
from functions.packaging import package

ARCHITECTURE = "x86_64"
"""Lambda@Edge has no other:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html"""
FUNCTIONS = Path(__file__).parent.parent / "functions"
PATH_RUNTIME = "cloudfront-js-2.0"
LARGEST_PATH_FUNCTION = 10 * 1024
"""In bytes: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions"""


class EdgeFunction(Construct):
    """One version of a function, with a role, logs and an alarm in every region of the system.

    A destroy leaves the function behind: CloudFront takes hours to remove its copies, and until then AWS refuses to
    delete it. `lifeboat edge clean` does so later; see `docs/edge.md`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        event: str,
        spec: EdgeFunctionSpec,
        pager: Pager,
        peers: Sequence[Peer],
        files: Mapping[str, bytes],
    ) -> None:
        """Create the function.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            event: When it runs, such as `viewer-request`.
            spec: The function's part of the description.
            pager: Of us-east-1, where the function is made.
            peers: Regions whose copies are logged for a limited time, and watched.
            files: Files for its archive, by name.

        Raises:
            ProblemsError: There is no such function, or its archive is larger than the event allows.
        """
        super().__init__(scope, id_)
        site = pager.site
        self.name = site.names.of("function", spec.name)
        self.copies = f"{site.region}.{self.name}"
        """What the function is called where it runs."""
        role = self._role(site, spec.name)
        archive = package(spec.function, cache=ARCHIVES, files=files)
        most = EDGE_LIMITS[event].archive_bytes
        if archive.size > most:
            what = f"its archive is larger than Lambda@Edge takes at a {event}"
            found, allowed = f"{archive.size} bytes", f"at most {most} bytes"
            raise ProblemsError.one(f"functions/{spec.function}", what, found=found, allowed=allowed)
        code = TerraformAsset(self, "code", path=str(archive.path), type=AssetType.FILE, asset_hash=archive.sha256)
        self.version_arn = LambdaFunction(
            self,
            "function",
            function_name=self.name,
            description=f"{site.names.prefix}: {event}",
            filename=code.path,
            source_code_hash=base64.b64encode(bytes.fromhex(archive.sha256)).decode(),
            handler=archive.handler,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            memory_size=spec.memory_mb,
            timeout=spec.timeout_seconds,
            role=role.arn,
            publish=True,
            skip_destroy=True,
            provider=pager.provider,
            depends_on=role.grants,
        ).qualified_arn
        for peer in peers:
            self._watch(peer, event)

    def _role(self, site: Site, name: str) -> Role:
        """Allow what a copy does wherever it runs: to log."""
        role = Role(
            self,
            "role",
            site=site,
            purpose=name,
            service="lambda.amazonaws.com",
            more_services=("edgelambda.amazonaws.com",),
        )
        group = f"arn:{site.partition}:logs:*:{site.account}:log-group:/aws/lambda/{self.copies}"
        role.allow(
            "write-logs",
            Statement(
                sid="Write",
                actions=("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(f"{group}:*",),
            ),
        )
        return role

    def _watch(self, peer: Peer, event: str) -> None:
        here = Construct(self, peer.region)
        CloudwatchLogGroup(
            here,
            "log-group",
            name=f"/aws/lambda/{self.copies}",
            retention_in_days=peer.site.log_days,
            kms_key_id=peer.key_arn,
            provider=peer.provider,
        )
        row = Alarm(
            name=f"edge-{event}-errors",
            means=f"Code at the edge fails at the {event}, near this region; viewers see errors.",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions={"FunctionName": self.copies},
            threshold=0,
            statistic="Sum",
        )
        watch(here, peer.pager, [row])


class PathFunction(Construct):
    """A CloudFront function: JavaScript that runs within a millisecond in every edge location, without a region."""

    def __init__(self, scope: Construct, id_: str, *, folder: str, pager: Pager) -> None:
        """Create and publish the function.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            folder: Folder below functions/ with `function.js`.
            pager: Of us-east-1, where CloudFront is managed.

        Raises:
            ProblemsError: There is no such function, or it is larger than CloudFront takes.
        """
        super().__init__(scope, id_)
        path = FUNCTIONS / folder / "function.js"
        where = f"functions/{folder}/function.js"
        if not path.is_file():
            known = ", ".join(sorted(each.parent.name for each in FUNCTIONS.glob("*/function.js")))
            raise ProblemsError.one(where, "there is no such CloudFront function", allowed=known)
        code = path.read_text(encoding="utf-8")
        if (size := len(code.encode())) > LARGEST_PATH_FUNCTION:
            allowed = f"at most {LARGEST_PATH_FUNCTION} bytes"
            raise ProblemsError.one(where, "is larger than CloudFront takes", found=f"{size} bytes", allowed=allowed)
        self.name = pager.site.names.of("edge function", folder.replace("_", "-"))
        self.arn = CloudfrontFunction(
            self,
            "function",
            name=self.name,
            comment=f"{pager.site.names.prefix}: viewer-request",
            runtime=PATH_RUNTIME,
            code=code.replace("${", "$${"),  # else Terraform reads it as an expression of its own
            publish=True,
            provider=pager.provider,
        ).arn
