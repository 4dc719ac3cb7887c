"""Each judgement can fail, and says what it expected and found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec import structs

from deployments.load import FOLDER, load
from deployments.system import System
from lifeboat.drill.judge import judge
from lifeboat.drill.measure import measure
from lifeboat.drill.record import PlanResult, StepTime, Story, Switched
from lifeboat.drill.scenario import Scenario
from tests.lifeboat.drill.stories import AWAY, HOME, call, run, story, write

Change = Callable[[Story], object]


@pytest.fixture(scope="module")
def shop() -> System:
    return load(FOLDER / "ecommerce.toml", "dev")


def scenario(**expect: object) -> Scenario:
    steps = [{"do": "work", "seconds": 1}]
    return Scenario.model_validate(
        {"title": "T", "about": "A", "steps": steps, "expect": {"open": "standby", **expect}}
    )


def broken(shop: System, told: Story, **expect: object) -> list[str]:
    verdicts = judge(scenario(**expect), shop, told, measure(told, factor=1))
    return [verdict.name for verdict in verdicts if not verdict.holds]


def test_a_sound_story_passes(shop: System) -> None:
    assert broken(shop, story(), fence="unreachable") == []


@pytest.mark.parametrize(
    ("changes", "expect", "name"),
    [
        ({"trouble": "x"}, {}, "every step could be taken"),
        ({"calls": [call("test")]}, {}, "the recovery called nothing dark"),
        ({"attempts": [*story().attempts, write(35.0, HOME)]}, {}, "one region at a time took writes"),
        ({"missing_in_the_end": ("ord-8",)}, {}, "no acknowledged order is missing in the end"),
        ({"serves_in_the_end": False}, {}, "clients are served in the end"),
        ({"locks_in_the_end": (AWAY,)}, {}, "no lock is left behind"),
        ({"attempts": [write(8.0, HOME)]}, {}, "clients did read during the drill"),
        ({"open_in_the_end": HOME, "writer_in_the_end": HOME}, {}, "every region agrees on who takes writes"),
        ({"open_in_the_end": ""}, {}, "every region agrees on who takes writes"),
        ({"writer_in_the_end": HOME}, {}, "the database writes where the application does"),
        ({}, {"rto": "none"}, "no write was refused"),
        ({"runs": [run(ended=60.0)]}, {}, "the failover's own overhead is small"),
        ({"runs": [run(missing_orders=("ord-8",))]}, {}, "orders were missing when writes opened"),
        ({"runs": [run(missing_rows=("r",))]}, {}, "rows were missing in PostgreSQL then"),
        ({}, {"lost_orders": "some"}, "orders were missing when writes opened"),
        ({}, {"rpo": "missed", "rpo_seconds": 3}, "the drill sees that the RPO is missed"),
        ({}, {"fence": "confirmed"}, "the failover noted how the old primary was fenced"),
        (
            {"runs": [run(steps=(StepTime(name="Recover", at=29.0, seconds=5.0),))]},
            {},
            "writes were opened after every tier was verified",
        ),
        (
            {"plans": [PlanResult(at=1, stack="s", changes=("replace a.b",), harm=("replace a.b",))]},
            {},
            "Terraform replaces, destroys and detaches nothing afterwards",
        ),
    ],
)
def test_what_does_not_hold_is_named(
    shop: System, changes: dict[str, object], expect: dict[str, object], name: str
) -> None:
    assert name in broken(shop, story(**changes), **expect)


def test_an_order_that_an_old_primary_took_before_it_heard_must_not_be_lost(shop: System) -> None:
    taken = structs.replace(write(52.0, HOME, key="taken"), resolved=45.0)
    heard = [Switched(at=55.0, region=HOME, active=AWAY)]
    told = story(attempts=[*story().attempts, taken], switched=heard)
    assert broken(shop, told) == []
    gone = story(attempts=[*story().attempts, taken], switched=heard, missing_in_the_end=("taken",))
    assert "what an old primary took before it heard is kept" in broken(shop, gone)


def test_a_recovery_over_the_rto_is_named(shop: System) -> None:
    late = [write(8.0, HOME), write(12.0, HOME, status=0), write(2000.0, AWAY)]
    assert "the RTO is kept" in broken(shop, story(attempts=late))


def test_a_loss_over_the_rpo_is_named_and_one_that_was_asked_for_is_not(shop: System) -> None:
    told = story(attempts=[write(4.0, HOME, key="gone"), *story().attempts], runs=[run(missing_orders=("gone",))])
    assert "the RPO is kept" in broken(shop, told, lost_orders="some", rpo_seconds=3)
    assert broken(shop, told, lost_orders="some", rpo="missed", rpo_seconds=3) == []


def test_orders_that_a_database_lost_need_not_come_back_and_others_must_be_there(shop: System) -> None:
    lost = [run(missing_orders=("gone",))]
    told = story(runs=lost, missing_in_the_end=("gone",), orders_come_back=False)
    assert broken(shop, told, lost_orders="some") == []
    more = story(runs=lost, missing_in_the_end=("gone", "ord-8"), orders_come_back=False)
    assert broken(shop, more, lost_orders="some") == ["no acknowledged order is missing in the end"]
    table = story(runs=lost, missing_in_the_end=("gone",))
    assert broken(shop, table, lost_orders="some") == ["no acknowledged order is missing in the end"]
