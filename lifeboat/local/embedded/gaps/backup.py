"""AWS Backup: selections, changed plans, vault policies, tags and the settings of a region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.backup import urls
from moto.backup.exceptions import InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan, Vault
from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from lifeboat.local.embedded.gap import Gap

Params = Mapping[str, Any]  # a request under the names of the API's model, whose types botocore knows
Settings = dict[str, object]

# What AWS Backup protects in an account that never changed its settings.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html
PROTECTED_TYPES = (
    *("Aurora", "CloudFormation", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS"),
    *("Redshift", "Redshift Serverless", "S3", "SAP HANA on Amazon EC2", "Storage Gateway", "Timestream"),
    "VirtualMachine",
)
MANAGED_TYPES = ("CloudFormation", "DynamoDB", "EFS", "S3")


def call(self: BackupResponse) -> Params:
    """Return the parameters of a request, wherever they were: body, path or query."""
    self.parse_parameters(self.normalized_request)
    params: Params = self.params
    return params


def vault_named(backend: BackupBackend, name: str) -> Vault:
    """Return a vault by its name or ARN.

    Raises:
        ResourceNotFoundException: There is none.
    """
    vault = backend.vaults.get(name.rsplit(":", maxsplit=1)[-1])
    if vault is None:
        raise ResourceNotFoundException(f"Backup vault {name} not found")
    return vault


def keep(**containers: Callable[[], object]) -> None:
    """Give every backend of AWS Backup further containers, each empty at first."""
    plain = BackupBackend.__init__

    def init(self: BackupBackend, region_name: str, account_id: str) -> None:
        plain(self, region_name, account_id)
        for name, make in containers.items():
            setattr(self, name, make())

    BackupBackend.__init__ = init


def _open_every_path() -> None:
    """Let every path of the API reach the handlers: moto only routes those it implements."""
    urls.url_paths["{0}/.*"] = BackupResponse.dispatch


def _plan(backend: BackupBackend, plan_id: str) -> Plan:
    return backend.get_backup_plan(plan_id, None)


def _selections() -> None:
    keep(selections=dict)

    def create_backup_selection(self: BackupResponse) -> ActionResult:
        params = call(self)
        selection = {
            "SelectionId": str(mock_random.uuid4()),
            "BackupPlanId": _plan(self.backup_backend, params["BackupPlanId"]).backup_plan_id,
            "CreationDate": unix_time(),
            "BackupSelection": params["BackupSelection"],
        }
        self.backup_backend.selections[selection["SelectionId"]] = selection
        return ActionResult(selection)

    def get_backup_selection(self: BackupResponse) -> ActionResult:
        return ActionResult(_selection(self.backup_backend, call(self)))

    def delete_backup_selection(self: BackupResponse) -> EmptyResult:
        selection = _selection(self.backup_backend, call(self))
        del self.backup_backend.selections[selection["SelectionId"]]
        return EmptyResult()

    def list_backup_selections(self: BackupResponse) -> ActionResult:
        plan_id = call(self)["BackupPlanId"]
        of_plan = [one for one in self.backup_backend.selections.values() if one["BackupPlanId"] == plan_id]
        return ActionResult({"BackupSelectionsList": [one | one["BackupSelection"] for one in of_plan]})

    BackupResponse.create_backup_selection = create_backup_selection
    BackupResponse.get_backup_selection = get_backup_selection
    BackupResponse.delete_backup_selection = delete_backup_selection
    BackupResponse.list_backup_selections = list_backup_selections


def _selection(backend: BackupBackend, params: Params) -> Settings:
    selection: Settings | None = backend.selections.get(params["SelectionId"])
    if selection is None or selection["BackupPlanId"] != params["BackupPlanId"]:
        raise ResourceNotFoundException(f"Cannot find selection {params['SelectionId']}")
    return selection


def _plans() -> None:
    plain_delete = BackupBackend.delete_backup_plan

    def update_backup_plan(self: BackupResponse) -> ActionResult:
        params = call(self)
        plan = _plan(self.backup_backend, params["BackupPlanId"])
        changed = Plan(params["BackupPlan"], plan.creator_request_id, self.backup_backend)
        plan.backup_plan, plan.version_id = changed.backup_plan, changed.version_id
        plan.advanced_backup_settings = changed.advanced_backup_settings
        return ActionResult(plan.to_dict())

    def delete_backup_plan(self: BackupBackend, backup_plan_id: str) -> tuple[str, str, float, str]:
        if any(selection["BackupPlanId"] == backup_plan_id for selection in self.selections.values()):
            raise InvalidRequestException(
                "Related backup plan selections must be deleted prior to backup plan deletion"
            )
        deleted: tuple[str, str, float, str] = plain_delete(self, backup_plan_id)
        self.tagger.delete_all_tags_for_resource(self.plans.pop(backup_plan_id).backup_plan_arn)
        return deleted

    BackupResponse.update_backup_plan = update_backup_plan
    BackupBackend.delete_backup_plan = delete_backup_plan


def _tags() -> None:
    def list_tags(self: BackupResponse) -> ActionResult:
        return ActionResult({"Tags": self.backup_backend.list_tags(call(self)["ResourceArn"])})

    def tag_resource(self: BackupResponse) -> EmptyResult:
        params = call(self)
        self.backup_backend.tag_resource(params["ResourceArn"], params["Tags"])
        return EmptyResult()

    def untag_resource(self: BackupResponse) -> EmptyResult:
        params = call(self)
        self.backup_backend.untag_resource(params["ResourceArn"], params["TagKeyList"])
        return EmptyResult()

    BackupResponse.list_tags = list_tags
    BackupResponse.tag_resource = tag_resource
    BackupResponse.untag_resource = untag_resource


def _vault_policies() -> None:
    Vault.access_policy = None

    def put_backup_vault_access_policy(self: BackupResponse) -> EmptyResult:
        params = call(self)
        vault_named(self.backup_backend, params["BackupVaultName"]).access_policy = params.get("Policy")
        return EmptyResult()

    def get_backup_vault_access_policy(self: BackupResponse) -> ActionResult:
        vault = vault_named(self.backup_backend, call(self)["BackupVaultName"])
        if vault.access_policy is None:
            raise ResourceNotFoundException(f"Backup vault {vault.backup_vault_name} has no access policy")
        shown = {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn}
        return ActionResult(shown | {"Policy": vault.access_policy})

    def delete_backup_vault_access_policy(self: BackupResponse) -> EmptyResult:
        vault_named(self.backup_backend, call(self)["BackupVaultName"]).access_policy = None
        return EmptyResult()

    BackupResponse.put_backup_vault_access_policy = put_backup_vault_access_policy
    BackupResponse.get_backup_vault_access_policy = get_backup_vault_access_policy
    BackupResponse.delete_backup_vault_access_policy = delete_backup_vault_access_policy


def _vault_notifications() -> None:
    Vault.notifications = None

    def put_backup_vault_notifications(self: BackupResponse) -> EmptyResult:
        params = call(self)
        vault = vault_named(self.backup_backend, params["BackupVaultName"])
        vault.notifications = {name: params[name] for name in ("SNSTopicArn", "BackupVaultEvents")}
        return EmptyResult()

    def get_backup_vault_notifications(self: BackupResponse) -> ActionResult:
        vault = vault_named(self.backup_backend, call(self)["BackupVaultName"])
        if vault.notifications is None:
            raise ResourceNotFoundException(f"Backup vault {vault.backup_vault_name} has no notifications")
        shown = {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn}
        return ActionResult(shown | vault.notifications)

    def delete_backup_vault_notifications(self: BackupResponse) -> EmptyResult:
        vault_named(self.backup_backend, call(self)["BackupVaultName"]).notifications = None
        return EmptyResult()

    BackupResponse.put_backup_vault_notifications = put_backup_vault_notifications
    BackupResponse.get_backup_vault_notifications = get_backup_vault_notifications
    BackupResponse.delete_backup_vault_notifications = delete_backup_vault_notifications


def _region_settings() -> None:
    keep(opted_in=lambda: dict.fromkeys(PROTECTED_TYPES, True), managed=lambda: dict.fromkeys(MANAGED_TYPES, True))

    def describe_region_settings(self: BackupResponse) -> ActionResult:
        backend = self.backup_backend
        return ActionResult(
            {"ResourceTypeOptInPreference": backend.opted_in, "ResourceTypeManagementPreference": backend.managed}
        )

    def update_region_settings(self: BackupResponse) -> EmptyResult:
        params = call(self)
        self.backup_backend.opted_in.update(params.get("ResourceTypeOptInPreference") or {})
        self.backup_backend.managed.update(params.get("ResourceTypeManagementPreference") or {})
        return EmptyResult()

    BackupResponse.describe_region_settings = describe_region_settings
    BackupResponse.update_region_settings = update_region_settings


GAPS = (
    Gap(
        name="backup.paths",
        missing="Half of the API's paths are answered with 404.",
        matters="Nothing below could be reached.",
        fill=_open_every_path,
    ),
    Gap(
        name="backup.selections",
        missing="Selections are not implemented.",
        matters="A plan could not be told what to back up.",
        fill=_selections,
    ),
    Gap(
        name="backup.plans",
        missing="A plan cannot be changed, and a deleted one is still there.",
        matters="Terraform could not change a plan, and destroying it could not be shown.",
        fill=_plans,
    ),
    Gap(
        name="backup.tags",
        missing="Tags of an ARN without a slash at the end are not found.",
        matters="Terraform would add the same tags for ever.",
        fill=_tags,
    ),
    Gap(
        name="backup.vault_policy",
        missing="Access policies of vaults are not implemented.",
        matters="The protection of the vault that receives copies could not be deployed.",
        fill=_vault_policies,
    ),
    Gap(
        name="backup.vault_notifications",
        missing="Notifications of vaults are not implemented.",
        matters="A failed backup could not be made to reach a person.",
        fill=_vault_notifications,
    ),
    Gap(
        name="backup.region_settings",
        missing="The settings of a region are not implemented.",
        matters="It could not be deployed which services are backed up.",
        fill=_region_settings,
    ),
)
