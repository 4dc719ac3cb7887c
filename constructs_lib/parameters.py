"""What the application is told about its region: SSM parameters, one source per region, none of them secret."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformProvider, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site


class Parameters(Construct):
    """Parameters below `/<system>-<suffix>/`, named the same in every region."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        values: Mapping[str, str],
        provider: TerraformProvider | None = None,
    ) -> None:
        """Create the parameters.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where they live.
            values: Value by the last part of the name.
            provider: Provider of the region. Absent: the stack's own.
        """
        super().__init__(scope, id_)
        self._site = site
        self._provider = provider
        for name, value in values.items():
            self._parameter(name, value)

    def switch(self, name: str, initial: str) -> str:
        """Create a parameter that failover moves: Terraform gives it the first value and then leaves it alone.

        Returns:
            Its full name.
        """
        return self._parameter(name, initial, lifecycle=TerraformResourceLifecycle(ignore_changes=["insecure_value"]))

    def grant_read(self, role: Role) -> None:
        """Let a role read every parameter of the system in this region."""
        resource = self._site.arn("ssm", f"parameter{self._site.names.path('*')}")
        role.allow(
            "read-parameters",
            Statement(sid="Read", actions=("ssm:GetParameter", "ssm:GetParameters"), resources=(resource,)),
        )

    def _parameter(self, name: str, value: str, lifecycle: TerraformResourceLifecycle | None = None) -> str:
        full_name = self._site.names.path(*name.split("/"))
        SsmParameter(
            self,
            name.replace("/", "-"),
            name=full_name,
            type="String",
            # Nothing here is secret, and a plan that hides values cannot be reviewed.
            insecure_value=value,
            lifecycle=lifecycle,
            provider=self._provider,
        )
        return full_name
