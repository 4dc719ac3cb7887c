"""AWS Backup: plans that restore backups on a schedule, to show that they can be restored."""

from __future__ import annotations

from collections.abc import Mapping

from moto.backup.exceptions import InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import unix_time

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.backup import Params, Settings, call, keep

PLAN_DEFAULTS: Mapping[str, object] = {"ScheduleExpressionTimezone": "Etc/UTC", "StartWindowHours": 24}
POINT_DEFAULTS: Mapping[str, object] = {"ExcludeVaults": [], "SelectionWindowDays": 30}


def _plan(backend: BackupBackend, name: str) -> Settings:
    plan: Settings | None = backend.restore_testing_plans.get(name)
    if plan is None:
        raise ResourceNotFoundException(f"Restore testing plan {name} not found")
    return plan


def _completed(asked: Mapping[str, object]) -> Settings:
    points = asked["RecoveryPointSelection"]
    selection = {**POINT_DEFAULTS, **points} if isinstance(points, Mapping) else points
    return {**PLAN_DEFAULTS, **asked, "RecoveryPointSelection": selection}


def _list_plans(self: BackupResponse) -> ActionResult:
    return ActionResult({"RestoreTestingPlans": list(self.backup_backend.restore_testing_plans.values())})


def _restore_testing_plans() -> None:
    keep(restore_testing_plans=dict)

    def create_restore_testing_plan(self: BackupResponse) -> ActionResult:
        params = call(self)
        backend = self.backup_backend
        plan = _completed(params["RestoreTestingPlan"])
        name = plan["RestoreTestingPlanName"]
        arn = f"arn:{backend.partition}:backup:{backend.region_name}:{backend.account_id}:restore-testing-plan:{name}"
        plan |= {"RestoreTestingPlanArn": arn, "CreationTime": unix_time()}
        backend.restore_testing_plans[name] = plan
        backend.tag_resource(arn, params.get("Tags") or {})
        return ActionResult(plan)

    def get_restore_testing_plan(self: BackupResponse) -> ActionResult:
        return ActionResult({"RestoreTestingPlan": _plan(self.backup_backend, call(self)["RestoreTestingPlanName"])})

    def update_restore_testing_plan(self: BackupResponse) -> ActionResult:
        params = call(self)
        plan = _plan(self.backup_backend, params["RestoreTestingPlanName"])
        plan |= _completed({**plan, **params["RestoreTestingPlan"]}) | {"LastUpdateTime": unix_time()}
        return ActionResult(plan | {"UpdateTime": plan["LastUpdateTime"]})

    def delete_restore_testing_plan(self: BackupResponse) -> EmptyResult:
        plan = _plan(self.backup_backend, call(self)["RestoreTestingPlanName"])
        name = plan["RestoreTestingPlanName"]
        if any(plan_name == name for plan_name, _ in getattr(self.backup_backend, "restore_testing_selections", ())):
            raise InvalidRequestException("Related restore testing selections must be deleted first")
        del self.backup_backend.restore_testing_plans[name]
        self.backup_backend.tagger.delete_all_tags_for_resource(plan["RestoreTestingPlanArn"])
        return EmptyResult()

    BackupResponse.create_restore_testing_plan = create_restore_testing_plan
    BackupResponse.get_restore_testing_plan = get_restore_testing_plan
    BackupResponse.update_restore_testing_plan = update_restore_testing_plan
    BackupResponse.delete_restore_testing_plan = delete_restore_testing_plan
    BackupResponse.list_restore_testing_plans = _list_plans


def _selection(backend: BackupBackend, params: Params) -> Settings:
    key = (params["RestoreTestingPlanName"], params["RestoreTestingSelectionName"])
    selection: Settings | None = backend.restore_testing_selections.get(key)
    if selection is None:
        raise ResourceNotFoundException(f"Restore testing selection {key[1]} not found")
    return selection


def _restore_testing_selections() -> None:
    keep(restore_testing_selections=dict)

    def create_restore_testing_selection(self: BackupResponse) -> ActionResult:
        params = call(self)
        plan = _plan(self.backup_backend, params["RestoreTestingPlanName"])
        selection: Settings = {
            "ValidationWindowHours": 0,
            **dict(params["RestoreTestingSelection"]),
            "RestoreTestingPlanName": plan["RestoreTestingPlanName"],
            "RestoreTestingPlanArn": plan["RestoreTestingPlanArn"],
            "CreationTime": unix_time(),
        }
        key = (plan["RestoreTestingPlanName"], selection["RestoreTestingSelectionName"])
        self.backup_backend.restore_testing_selections[key] = selection
        return ActionResult(selection)

    def get_restore_testing_selection(self: BackupResponse) -> ActionResult:
        return ActionResult({"RestoreTestingSelection": _selection(self.backup_backend, call(self))})

    def update_restore_testing_selection(self: BackupResponse) -> ActionResult:
        params = call(self)
        selection = _selection(self.backup_backend, params)
        selection |= dict(params["RestoreTestingSelection"])
        return ActionResult(selection | {"UpdateTime": unix_time()})

    def delete_restore_testing_selection(self: BackupResponse) -> EmptyResult:
        params = call(self)
        _selection(self.backup_backend, params)
        key = (params["RestoreTestingPlanName"], params["RestoreTestingSelectionName"])
        del self.backup_backend.restore_testing_selections[key]
        return EmptyResult()

    BackupResponse.create_restore_testing_selection = create_restore_testing_selection
    BackupResponse.get_restore_testing_selection = get_restore_testing_selection
    BackupResponse.update_restore_testing_selection = update_restore_testing_selection
    BackupResponse.delete_restore_testing_selection = delete_restore_testing_selection


GAPS = (
    Gap(
        name="backup.restore_testing_plans",
        missing="Restore testing plans are not implemented.",
        matters="The proof that backups can be restored could not be deployed.",
        fill=_restore_testing_plans,
    ),
    Gap(
        name="backup.restore_testing_selections",
        missing="Restore testing selections are not implemented.",
        matters="A restore testing plan could not be told what to restore.",
        fill=_restore_testing_selections,
    ),
)
