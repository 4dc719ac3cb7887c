"""Where a drill leaves a system: the described primary takes writes, as a later plan, deploy or destroy expects it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifeboat.drill import stores
from lifeboat.drill.files import Files
from lifeboat.drill.recovery import SUCCEEDED
from lifeboat.failover.status import ALL_REGIONS
from lifeboat.failure import Failure

if TYPE_CHECKING:
    from lifeboat.drill.stage import Stage

AGREE_SECONDS = 60.0


def fail_back(stage: Stage) -> None:
    """Let the described primary take over again, and wait until all regions know.

    Whoever still hears of the failover before ends first: that one's last word is not for this one.

    Raises:
        Failure: It could not, or the regions do not agree.
    """
    described = stage.system.primary.name
    stage.recovery.rest(within=AGREE_SECONDS)
    found = stage.recovery.finish(stage.recovery.order(described, "planned"), within=stage.patience_seconds)
    if found["status"] != SUCCEEDED:
        raise Failure(f"{described} could not take over again: {found.get('cause')}")
    stage.await_agreement(described, AGREE_SECONDS)


def go_home(stage: Stage) -> str:
    """Fail back once the drill is over, files included.

    Returns:
        What could not be done. Empty: the system is as described.
    """
    described = stage.system.primary.name
    try:
        if stores.open_region(stage.clients, stage.system, described) not in {described, ALL_REGIONS}:
            stage.say(f"failing back to {described}: the drill is over")
            fail_back(stage)
        stage.recovery.rest(within=AGREE_SECONDS)
        if stage.system.spec.file_system and stage.terraform:
            files = Files(clients=stage.clients, system=stage.system)
            if not files.are_replicated_from(described):
                files.replicate_from(described, stage.terraform)
    except Failure as error:
        return str(error)
    return ""
