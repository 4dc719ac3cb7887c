from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from lifeboat.report import html, markdown, sarif, terminal
from lifeboat.report.model import Finding, Kind, Report, Section, Severity
from lifeboat.report.output import FORMATS, render
from lifeboat.report.text import code, fenced, prose, visible
from tests.lifeboat.report.reports import HOSTILE, everything, large

LIMIT = 65_536
ALLOWED_TAGS = {"details", "/details", "summary", "/summary", "code", "/code"}


@pytest.mark.parametrize(
    ("changes", "guarded", "stacks"), [(10, 0, 2), (3000, 5, 2), (2000, 3000, 2), (10, 5000, 100), (0, 0, 4000)]
)
def test_a_comment_fits_whatever_the_size_with_verdict_and_guarded_on_top(
    changes: int, guarded: int, stacks: int
) -> None:
    report = large(changes, guarded, stacks)
    text = markdown.render(report)
    assert len(text.encode()) <= markdown.BUDGET
    assert prose(report.verdict) in text.splitlines()[1]
    assert (f"#### In the way: {guarded}" in text) is bool(guarded)
    if guarded:
        assert text.index("#### In the way") < 700
        assert "aws_s3_bucket.b[0]" in text


def test_every_guarded_resource_is_named_as_long_as_there_is_room() -> None:
    text = markdown.render(large(2000, 400))
    for number in range(400):
        assert f"`aws_s3_bucket.b[{number}]`" in text


def test_what_is_left_out_is_told_and_diffs_go_before_changes() -> None:
    text = markdown.render(large(200, 0, 1))
    assert text.count("module.part.aws_thing.name") == 200
    assert re.search(r"Left out for want of room: \d+ attribute diffs\. The whole report has them\.", text)
    assert "Left out" not in markdown.render(large(200, 0, 1), budget=0)


def test_what_is_destroyed_is_kept_before_what_is_updated() -> None:
    text = markdown.render(large(3000, 0, 1))
    kept = set(map(int, re.findall(r"aws_thing\.name\[(\d+)\]", text)))
    assert {number for number in range(3000) if number % 10 == 0} <= kept
    assert len(kept) < 3000


def test_markdown_of_hostile_names_holds_no_foreign_tag_link_or_mention() -> None:
    text = markdown.render(everything())
    assert text.startswith("<!-- lifeboat:plan -->\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    raw = [
        each.content for token in tokens for each in (token, *(token.children or [])) if each.type.startswith("html_")
    ]
    tags = {tag.split()[0] for content in raw[1:] for tag in re.findall(r"<([^>]*)>", content)}
    assert raw[0].strip() == "<!-- lifeboat:plan -->"
    assert tags <= ALLOWED_TAGS
    kinds = {each.type for token in tokens for each in (token, *(token.children or []))}
    assert not kinds & {"link_open", "image"}
    plain = [each.content for token in tokens for each in (token.children or []) if each.type == "text"]
    assert any("@\u2060everyone" in content for content in plain)  # as a person reads it
    assert not any("@everyone" in content for content in plain)  # and not as GitHub acts on it


def test_a_comment_is_found_again_by_its_marker() -> None:
    assert markdown.marker(Kind.PLAN, "prod") == "<!-- lifeboat:plan:prod -->"
    assert markdown.marker(Kind.REVIEW, "x --> <b>") == "<!-- lifeboat:review:x-b -->"


@pytest.mark.parametrize("text", ["see #12", "https://evil.example", "www.evil.example", "gh-7", "@team"])
def test_a_sentence_links_to_nothing_on_github(text: str) -> None:
    assert text not in prose(text).replace("\\", "")
    assert prose(text).replace("\u2060", "").replace("\\", "") == text


@pytest.mark.parametrize("text", ["", "`", "``", "a`b", "` ", "|", "```\n```", "a\nb", HOSTILE])
def test_code_is_one_span_that_says_exactly_the_text(text: str) -> None:
    (paragraph,) = [token for token in MarkdownIt("commonmark").parse(code(text)) if token.type == "inline"]
    assert [child.type for child in paragraph.children or []] == ["code_inline"]
    assert (paragraph.children or [])[0].content.strip() == (visible(text) or " ").strip()
    (block,) = MarkdownIt("commonmark").parse(fenced(text, "diff"))
    assert (block.type, block.content) == ("fence", visible(text, lines=True) + "\n")


@pytest.mark.parametrize("character", ["\x1b", "\u202e", "\u2066", "\x00", "\u200b", "\r", "\u2028", "\ud800"])
def test_no_character_acts_on_whoever_reads(character: str) -> None:
    shown = visible(f"a{character}b", lines=True)
    assert character not in shown
    assert shown.startswith("a\\")


def test_sarif_has_a_result_with_a_place_for_every_finding() -> None:
    found = json.loads(sarif.render(everything()))
    (run,) = found["runs"]
    assert found["version"] == "2.1.0"
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("data-loss", "error"),
        ("drift", "error"),
        ("data-loss", "error"),
    ]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "cdktf.json"
    assert run["results"][0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].endswith("/database/main")
    assert [each.get("suppressions", [{}])[0].get("justification") for each in run["results"]][
        2
    ] == "until 2999-01-01: old"
    prints = [each["partialFingerprints"]["lifeboat/v1"] for each in run["results"]]
    assert len(set(prints)) == len(prints)


def test_code_scanning_gets_the_gravest_when_there_are_too_many() -> None:
    findings = tuple(Finding(severity=Severity.NOTE, rule="n", title=str(each)) for each in range(6000))
    grave = Finding(severity=Severity.GUARDED, rule="g", title="g")
    report = Report(kind=Kind.PLAN, title="", sections=(Section(stack="a"),), findings=(*findings, grave))
    results = json.loads(sarif.render(report))["runs"][0]["results"]
    assert (len(results), results[0]["ruleId"]) == (5000, "g")


class Page(HTMLParser):
    """What a page would load, run or link to, and whether its tags are balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}]
        if tag not in {"meta", "path", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"path", "rect"}:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def test_the_page_loads_and_runs_nothing_whatever_the_names() -> None:
    text = html.render(everything())
    page = Page()
    page.feed(text)
    assert page.open == []
    assert not page.tags & {"script", "img", "iframe", "link", "object", "form"}
    assert all(re.fullmatch(r"#stack-\d+", address) for address in page.addresses)
    assert "default-src 'none'" in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_the_picture_shows_regions_stacks_and_what_changes() -> None:
    text = html.render(everything())
    svg = text[text.index("<svg") : text.index("</svg>")]
    for shown in ("us-east-1", "us-west-2", "across the regions", "shop-prod-global", "± 1", "must wait"):
        assert shown in svg
    assert svg.count('class="box guarded"') == 1
    assert svg.count('class="box waits"') == 1
    assert svg.count('class="arrow"') == 3


def test_the_terminal_is_plain_where_no_color_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    colourful = io.StringIO()
    terminal.write(everything(), colourful)
    assert "\x1b[" in colourful.getvalue()
    monkeypatch.delenv("FORCE_COLOR")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = io.StringIO()
    terminal.write(everything(), plain)
    assert "\x1b" not in plain.getvalue()
    assert plain.getvalue().splitlines()[-1] == everything().verdict


def test_the_terminal_ends_in_time_and_says_so() -> None:
    output = io.StringIO()
    terminal.write(large(3000, 300), output)
    assert "more: the report's files have them all" in output.getvalue()
    assert "… and 200 more findings" in output.getvalue()
    assert len(output.getvalue().splitlines()) < 4000


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_of_nothing_can_be_rendered(form: str, tmp_path: Path) -> None:
    empty = Report(kind=Kind.REVIEW, title="nothing", sections=())
    path = tmp_path / form
    path.write_text(render(empty, form), encoding="utf-8")
    assert "No changes: 0 stacks" in path.read_text(encoding="utf-8")
    assert len(render(empty, form)) < LIMIT
