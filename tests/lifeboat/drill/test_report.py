"""The report is one self-contained page, says what was simulated, hides nothing that failed, and grows into a trend."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from deployments.load import FOLDER, load
from lifeboat.drill import html, markdown
from lifeboat.drill.direct import Act, Evidence, act_of
from lifeboat.drill.evidence import keep, point, remember, trend
from lifeboat.drill.scenario import load_scenarios
from lifeboat.drill.timeline import timeline
from lifeboat.drill.trend import chart
from lifeboat.failure import Failure
from lifeboat.workspace import read_record
from tests.lifeboat.drill.stories import AWAY, HOME, run, story


def act(**changes: object) -> Act:
    shop = load(FOLDER / "ecommerce.toml", "dev")
    (scenario,) = load_scenarios(["global-control-planes-dark"])
    return act_of(scenario, shop, story(**changes), 5)


def evidence(*acts: Act, at: str = "2026-11-20T10:00:00+00:00", **changes: object) -> Evidence:
    played = acts or (act(),)
    facts: dict[str, object] = {
        "system": "ecommerce-dev",
        "at": at,
        "target": "local",
        "verdict": "passed" if all(each.passed for each in played) else "failed",
        "rto_seconds": 900,
        "rpo_seconds": 60,
        "factor": 5,
        "simulated": ("Health checks worked 5 times faster.",),
        "acts": played,
        "skipped": {"bucket-dark": "the system has no buckets"},
        "seconds": 61.0,
    }
    return Evidence(**(facts | changes))  # type: ignore[arg-type] # the same fields, some changed


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    page = html.render(evidence(), [])
    assert not re.search(r"<script|<link|<img|\bsrc=|@import|url\(", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page


@pytest.mark.parametrize("render", [html.render, markdown.render])
def test_both_reports_tell_verdict_figures_simulation_and_what_was_left_out(render: object) -> None:
    assert callable(render)
    page = render(evidence(), [])
    for words in (
        "Drill of ecommerce-dev: passed",
        "1 of 1 passed",
        "22.5 s",
        "Health checks worked 5 times faster.",
        "the system has no buckets",
        "The primary region is gone, and the global control planes with it",
    ):
        assert words in page


@pytest.mark.parametrize("render", [html.render, markdown.render])
def test_what_did_not_hold_stands_in_the_open(render: object) -> None:
    assert callable(render)
    failed = act(missing_in_the_end=("ord-8",))
    page = render(evidence(failed), [])
    assert "Drill of ecommerce-dev: failed" in page
    assert "Not so: no acknowledged order is missing in the end." in page


def test_what_a_system_says_cannot_break_the_page_or_a_table() -> None:
    hostile = act(trouble="<b>|x</b>")
    assert "<b>|x</b>" not in html.render(evidence(hostile), [])
    assert "&lt;b>\\|x&lt;/b>" in markdown.render(evidence(hostile), [])


def test_the_timeline_shows_the_phases_in_order_and_every_attempt() -> None:
    drawn = timeline(act())
    phases = [bar for bar in drawn.bars if bar.kind in {"detection", "decision", "failover", "serving"}]
    assert [bar.kind for bar in phases] == ["detection", "decision", "failover", "serving"]
    assert [bar.x for bar in phases] == sorted(bar.x for bar in phases)
    assert phases[0].full == "detection 4.0 s"
    kinds = [bar.kind for bar in drawn.bars if bar.kind in {"home", "away", "refused"}]
    assert sorted(kinds) == ["away", "away", "home", "home", "refused", "refused"]
    dark = next(bar for bar in drawn.bars if bar.kind == "dark")
    assert dark.width == pytest.approx(40 / 60 * (drawn.right - drawn.left), abs=1)
    assert all(drawn.left <= bar.x <= drawn.right for bar in drawn.bars)


def test_a_failover_that_failed_is_drawn_as_such() -> None:
    refused = run(name="second", outcome="AnotherFailoverRuns", opened=0.0)
    kinds = {bar.kind for bar in timeline(act(runs=[run(), refused])).bars}
    assert {"run", "failed"} <= kinds


def test_evidence_is_read_again_as_it_was_written_and_becomes_a_trend(tmp_path: Path) -> None:
    first, second = evidence(at="2026-11-19T10:00:00+00:00"), evidence()
    paths = [keep(each, tmp_path) for each in (second, first)]
    (tmp_path / "drill-ecommerce-dev-other.json").write_text("{}", encoding="utf-8")
    assert msgspec.json.decode(paths[0].read_bytes(), type=Evidence) == second
    history = trend(tmp_path, "ecommerce-dev")
    assert [each.at for each in history] == [first.at, second.at]
    assert trend(tmp_path, "another") == []
    drawn = chart(history, 900)
    assert len(drawn.dots) == 2
    assert drawn.dots[0].x < drawn.dots[1].x
    assert "2026-11-19" in html.render(second, history)
    assert "Drills over time" in markdown.render(second, history)
    assert chart(history[:1], 900).dots == ()


def test_the_trend_leaves_out_a_loss_that_a_scenario_asked_for() -> None:
    lossy = act(runs=[run(missing_orders=("ord-8",))])
    asked = msgspec.structs.replace(lossy, simulated=("The RPO of this scenario is 3 s.",))
    assert point(evidence(lossy)).rpo == 1.5
    assert point(evidence(asked)).rpo == 0.0


def test_status_is_told_of_the_last_drill(tmp_path: Path) -> None:
    remember(evidence(), tmp_path)
    found = read_record(tmp_path / "ecommerce-dev" / "last.json")
    assert found
    assert (found["at"], found["verdict"]) == ("2026-11-20T10:00:00+00:00", "passed")


def test_a_folder_that_cannot_be_written_to_is_a_message(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("", encoding="utf-8")
    with pytest.raises(Failure, match="cannot be written to"):
        keep(evidence(), taken)


def test_regions_are_told_apart_in_words(tmp_path: Path) -> None:
    page = html.render(evidence(), [])
    assert f"answered by {HOME}" in page
    assert f"answered by {AWAY}" in page
    assert keep(evidence(), tmp_path).name == "drill-ecommerce-dev-2026-11-20T100000Z.json"
