"""IAM roles: one per job, made before anything fails, each permission a policy of its own with a name."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from constructs_lib.policy import Statement, document
from constructs_lib.site import Site


class Role(Construct):
    """A role that one AWS service assumes.

    Permissions are added by the constructs that own what is accessed: `bucket.grant_read_write(role)`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        purpose: str,
        service: str,
        more_services: Sequence[str] = (),
    ) -> None:
        """Create the role.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the role's work happens; its region is part of the name, IAM being global.
            purpose: Part of the name, such as `orders`.
            service: Service principal that assumes the role, such as `lambda.amazonaws.com`.
            more_services: Others that do so in its stead. Absent: none.
        """
        super().__init__(scope, id_)
        self._site = site
        role = IamRole(
            self,
            "role",
            name=site.names.of("role", purpose, region=site.region),
            assume_role_policy=document(
                Statement(
                    sid="Assume",
                    actions=("sts:AssumeRole",),
                    resources=(),
                    services=(service, *more_services),
                )
            ),
        )
        self.arn, self._name = role.arn, role.name
        self._grants: list[ITerraformDependable] = []

    @property
    def grants(self) -> list[ITerraformDependable]:
        """Every permission so far, for resources that must not start before they have them."""
        return list(self._grants)

    def allow(self, id_: str, *statements: Statement) -> None:
        """Add a permission.

        Args:
            id_: Permanent id and name of the policy; says what it allows, such as `read-orders`.
            statements: What is allowed.
        """
        self._grants.append(IamRolePolicy(self, id_, name=id_, role=self._name, policy=document(*statements)))

    def attach(self, id_: str, policy_name: str) -> None:
        """Attach one of AWS's own policies, where AWS keeps the list of actions current (`service-role/...`)."""
        self._grants.append(
            IamRolePolicyAttachment(
                self,
                id_,
                role=self._name,
                policy_arn=f"arn:{self._site.partition}:iam::aws:policy/{policy_name}",
            )
        )
