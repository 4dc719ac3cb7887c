"""RDS: parameter groups, whose parameters say who set them and can be reset."""

from __future__ import annotations

from collections.abc import Mapping

from moto.core.responses import ActionResult
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap


def _tell_the_source() -> None:
    plain_instance, plain_cluster = RDSResponse.describe_db_parameters, RDSResponse.describe_db_cluster_parameters

    def describe_db_parameters(self: RDSResponse) -> ActionResult:
        return _set_by_user(plain_instance(self), self.params.get("Source"))

    def describe_db_cluster_parameters(self: RDSResponse) -> ActionResult:
        return _set_by_user(plain_cluster(self), self.params.get("Source"))

    RDSResponse.describe_db_parameters = describe_db_parameters
    RDSResponse.describe_db_cluster_parameters = describe_db_cluster_parameters


def _set_by_user(described: ActionResult, wanted: str | None) -> ActionResult:
    """Mark every parameter as set by the user: moto keeps no others."""
    parameters = described.result["Parameters"] if wanted in {None, "user"} else ()
    return ActionResult({"Parameters": [{"Source": "user", "IsModifiable": True, **one} for one in parameters]})


def _reset_parameter_groups() -> None:
    def reset(group: object, params: Mapping[str, object]) -> None:
        parameters = group.parameters  # type: ignore[attr-defined] # moto's groups have no types
        named = params.get("Parameters")
        names = [one["ParameterName"] for one in named] if isinstance(named, list) else list(parameters)
        for name in names:
            parameters.pop(name, None)

    def reset_db_parameter_group(self: RDSResponse) -> ActionResult:
        name = self.params["DBParameterGroupName"]
        reset(self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})[0], self.params)
        return ActionResult({"DBParameterGroupName": name})

    def reset_db_cluster_parameter_group(self: RDSResponse) -> ActionResult:
        name = self.params["DBClusterParameterGroupName"]
        reset(self.backend.describe_db_cluster_parameter_groups(name)[0], self.params)
        return ActionResult({"DBClusterParameterGroupName": name})

    RDSResponse.reset_db_parameter_group = reset_db_parameter_group
    RDSResponse.reset_db_cluster_parameter_group = reset_db_cluster_parameter_group


GAPS = (
    Gap(
        name="rds.parameter_source",
        missing="A parameter does not say who set it.",
        matters="Terraform would set the same parameters for ever.",
        fill=_tell_the_source,
    ),
    Gap(
        name="rds.reset_parameters",
        missing="ResetDBParameterGroup and ResetDBClusterParameterGroup are not implemented.",
        matters="Taking a parameter out of a group could not be applied.",
        fill=_reset_parameter_groups,
    ),
)
