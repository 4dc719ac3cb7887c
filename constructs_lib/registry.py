"""Where the application's images are kept: a repository in every region, filled by replication from the primary's.

Which repositories are replicated is one setting of the whole account and region, shared by all systems and their
copies, so it is made by `lifeboat bootstrap`: `docs/decisions/0015-images.md`.
"""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository import (
    EcrRepository,
    EcrRepositoryEncryptionConfiguration,
    EcrRepositoryImageScanningConfiguration,
)
from constructs import Construct

from constructs_lib.keys import RegionKey
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site
from deployments.containers import Registry as RegistrySpec


class Registry(Construct):
    """A private repository: encrypted, scanned, and its tags never move."""

    def __init__(self, scope: Construct, id_: str, *, site: Site, spec: RegistrySpec, key: RegionKey) -> None:
        """Create the repository.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the repository is.
            spec: The registry's part of the description.
            key: The region's key.
        """
        super().__init__(scope, id_)
        self.resource = EcrRepository(
            self,
            "repository",
            name=site.names.of("repository"),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=True),
            encryption_configuration=[EcrRepositoryEncryptionConfiguration(encryption_type="KMS", kms_key=key.arn)],
            force_delete=not site.protected,
        )
        self.arn, self.url = self.resource.arn, self.resource.repository_url
        EcrLifecyclePolicy(self, "lifecycle", repository=self.resource.name, policy=_lifecycle(spec))

    def grant_pull(self, role: Role) -> None:
        """Let a role pull images. The token that starts every pull belongs to no repository.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
        """
        role.allow(
            "pull-images",
            Statement(sid="Token", actions=("ecr:GetAuthorizationToken",), resources=("*",)),
            Statement(
                sid="Pull",
                actions=("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
                resources=(self.arn,),
            ),
        )


def _lifecycle(spec: RegistrySpec) -> str:
    """Let go of what no tag names, then of the oldest images; the newest stay, whatever their age.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    untagged = {
        "rulePriority": 1,
        "description": "Untagged images are what a failed push leaves behind",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": spec.untagged_days,
        },
        "action": {"type": "expire"},
    }
    rollback = {
        "rulePriority": 2,
        "description": "The newest images stay to roll back to",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": spec.keep_images},
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [untagged, rollback]})
