"""Runbooks: generated, complete, in step with the descriptions, and where the alarms' links lead."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from deployments.load import FOLDER, known, load
from lifeboat.runbooks.advice import GENERAL, advice
from lifeboat.runbooks.alarms import AlarmEntry, alarms_of
from lifeboat.runbooks.page import STAGE, render
from lifeboat.stacks import read_stacks
from tests.unit.synthesized import synthesize

PAGES = Path(__file__).parents[2] / "docs" / "runbooks"
LINK = re.compile(r"Runbook: \S+#(\S+)$")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Give a system's runbook, the alarms in it, and the sections that its alarms link to."""

    @cache
    def of(name: str) -> tuple[str, list[AlarmEntry], set[str]]:
        system = load(FOLDER / f"{name}.toml", STAGE)
        folder = tmp_path_factory.mktemp(f"runbook-{name}")
        synthesize(system, folder)
        contents = [stack.content for stack in read_stacks(folder)]
        links = {
            found[1]
            for content in contents
            for alarm in content["resource"].get("aws_cloudwatch_metric_alarm", {}).values()
            if (found := LINK.search(alarm["alarm_description"]))
        }
        alarms = alarms_of(contents)
        return render(system, alarms), alarms, links

    return of


@pytest.mark.parametrize("name", known())
def test_the_runbook_in_the_docs_is_the_one_that_the_description_makes(written: object, name: str) -> None:
    assert callable(written)
    page, _, _ = written(name)
    assert (PAGES / f"{name}.md").read_text(encoding="utf-8") == page, "`make runbooks` writes it anew"


@pytest.mark.parametrize("name", known())
def test_every_alarm_links_to_a_section_that_says_what_to_do(written: object, name: str) -> None:
    assert callable(written)
    page, alarms, links = written(name)
    sections = set(re.findall(r"^### (\S+)$", page, re.MULTILINE))
    assert sections == links == {alarm.name for alarm in alarms}
    assert len(links) > 10
    for alarm in alarms:
        assert alarm.means
        assert alarm.names
        steps = advice(alarm.name, name)
        assert steps
        assert steps != [line.replace("{system}", name) for line in GENERAL], f"{alarm.name} has no advice of its own"


@pytest.mark.parametrize("name", known())
def test_every_link_inside_a_runbook_leads_somewhere(written: object, name: str) -> None:
    assert callable(written)
    page, _, _ = written(name)
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#{2,3} (.+)$", page, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors


def test_a_runbook_calls_things_by_their_real_names(written: object) -> None:
    assert callable(written)
    page, _, _ = written("ecommerce")
    for name in (
        "/ecommerce-prod/active-region",
        "set `/ecommerce-prod/failover/unaware` in us-west-2 to `us-east-1`",
        "ecommerce-prod-failover",
        "lifeboat failover ecommerce --to us-west-2 --unplanned --allow-data-loss",
        "lifeboat-state-us-east-1",
        "aws rds remove-from-global-cluster --region us-west-2",
        "lifeboat reconcile ecommerce --from",
    ):
        assert name in page


def test_regions_and_systems_are_named_in_the_advice() -> None:
    assert any("Clients are sent elsewhere" in line for line in advice("health-us-east-1", "shop"))
    assert any("`lifeboat status shop`: does us-east-1 answer" in line for line in advice("health-us-east-1", "shop"))
    assert advice("something-new", "shop") == [line.replace("{system}", "shop") for line in GENERAL]
