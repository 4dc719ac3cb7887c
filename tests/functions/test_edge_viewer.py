"""Before the cache: one spelling for every path, the same variant for the same visitor, no header touched."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.edge_viewer import handler
from functions.edge_viewer.logic import Settings, answer, variant
from functions.edge_viewer.paths import canonical
from functions.packaging import FUNCTIONS
from lifeboat.local.embedded.viewer.headers import DISALLOWED, violations
from tests.functions.edge_events import Event, header, viewer_request

SETTINGS = Settings(default_page="index.html", variants={"b": 20, "c": 5})
PLAIN = Settings(default_page="index.html", variants={})
NODE = shutil.which("node")
RUNNER = """
const [code, paths] = JSON.parse(require('fs').readFileSync(0));
const handler = new Function(`${code}; return handler;`)();
process.stdout.write(JSON.stringify(paths.map((uri) => handler({ request: { uri } }).uri)));
"""

PATHS = {
    "/": "/",
    "": "/",
    "/a/b.html": "/a/b.html",
    "//a///b.html": "/a/b.html",
    "/a/./b.html": "/a/b.html",
    "/a/../b.html": "/b.html",
    "/../../etc/passwd": "/etc/passwd",
    "/%2e%2e/%2E%2e/x": "/x",
    "/a/..": "/",
    "/a/b/.": "/a/b/",
    "/%61%7Eb": "/a~b",
    "/a%2fb": "/a%2Fb",
    "/a b": "/a%20b",
    "/a%zz": "/a%25zz",
    "/100%": "/100%25",
    "/\\evil.example": "/%5Cevil.example",
    "/é": "/%C3%A9",
    "/%ff": "/%FF",
    "/a+b,c;d=e@f:g": "/a+b,c;d=e@f:g",
    "/\u0000": "/%00",
}
"""Paths and their one spelling."""


def request(uri: str = "/", query: str = "", **headers: str) -> Event:
    found: Event = viewer_request(uri, query=query, **headers)["Records"][0]["cf"]["request"]
    return found


@pytest.mark.parametrize(("path", "spelled"), PATHS.items())
def test_a_path_has_one_spelling(path: str, spelled: str) -> None:
    assert canonical(path) == spelled


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_the_one_spelling_stays_as_it_is_and_never_reads_as_another_host(path: str) -> None:
    spelled = canonical(f"/{path}")
    assert canonical(spelled) == spelled
    assert spelled.startswith("/")
    assert not spelled.startswith(("//", "/\\"))
    assert ".." not in spelled.split("/")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_cloudfront_function_spells_paths_as_the_lambda_does() -> None:
    assert NODE is not None
    paths = [*PATHS, "/ü/%c3%bc", "/😀", "/a/%E2%82%AC/../b/", "/x/%", "/%%41", "/a;b/./.", "/a/..b/c..", "/%2e"]
    code = (FUNCTIONS / "edge_path" / "function.js").read_text(encoding="utf-8")
    done = subprocess.run(  # noqa: S603 our own code in Node
        [NODE, "-e", RUNNER], input=json.dumps([code, paths]), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [canonical(path) for path in paths]


def test_the_cloudfront_function_uses_nothing_but_the_language() -> None:
    code = (FUNCTIONS / "edge_path" / "function.js").read_text(encoding="utf-8")
    assert len(code.encode()) <= 10 * 1024
    assert not [word for word in ("require", "import ", "fetch", "setTimeout", "process.") if word in code]


@pytest.mark.parametrize(
    ("uri", "page"),
    [
        ("/", "/index.html"),
        ("/docs/", "/docs/index.html"),
        ("//docs//", "/docs/index.html"),
        ("/a.css", "/a.css"),
        ("/.well-known/security", "/.well-known/security"),
    ],
)
def test_a_page_is_asked_for_by_its_one_name(uri: str, page: str) -> None:
    assert answer(request(uri), PLAIN)["uri"] == page


@pytest.mark.parametrize(
    ("uri", "query", "location"),
    [("/docs", "", "/docs/"), ("/docs", "a=1", "/docs/?a=1"), ("//evil.example/x", "", None), ("//evil", "", "/evil/")],
)
def test_a_folder_is_sent_to_its_slash_and_never_to_another_host(uri: str, query: str, location: str | None) -> None:
    found = answer(request(uri, query), PLAIN)
    if location is None:
        assert found["status"] == "301"
        assert found["headers"]["location"][0]["value"] == "/evil.example/x/"
        return
    assert found["status"] == "301"
    assert found["headers"]["location"] == [{"key": "Location", "value": location}]
    assert list(violations("viewer-response", {}, found["headers"])) == []


def test_nothing_but_the_path_of_a_request_changes() -> None:
    before = request("/docs/", "a=1", Cookie="visitor=me", X_Variant="b")
    after = answer(copy.deepcopy(before), SETTINGS)
    assert after == before | {"uri": "/_b/docs/index.html"}
    assert list(violations("viewer-request", before["headers"], after["headers"])) == []


@pytest.mark.parametrize("name", ["content-length", "host", "via", "transfer-encoding"])
def test_a_read_only_header_that_is_changed_would_be_found(name: str) -> None:
    before = request()["headers"] | header(name, "before")
    assert list(violations("viewer-request", before, before)) == []
    told = list(violations("viewer-request", before, before | header(name, "after")))
    assert told == [f"the header {name} is read-only at a viewer-request"]


@pytest.mark.parametrize("pattern", DISALLOWED)
def test_a_disallowed_header_that_is_added_would_be_found(pattern: str) -> None:
    name = pattern.replace("*", "x")
    assert list(violations("viewer-request", {}, header(name, "1"))) == [f"the header {name} is disallowed"]


def test_a_visitor_keeps_the_variant_whatever_else_changes() -> None:
    one = variant(request(Cookie="theme=dark; visitor=4711", User_Agent="a"), SETTINGS.variants)
    other = variant(
        request("/x", Cookie="visitor=4711", User_Agent="b") | {"clientIp": "2001:db8::1"}, SETTINGS.variants
    )
    assert one == other


def test_variants_get_their_share_of_visitors() -> None:
    visitors = 20_000
    told = Counter(variant(request(Cookie=f"visitor={number}"), SETTINGS.variants) for number in range(visitors))
    assert {name: round(100 * count / visitors) for name, count in told.items()} == {"": 75, "b": 20, "c": 5}


def test_a_growing_share_takes_nobody_back() -> None:
    wider = {"b": 40}
    for number in range(500):
        asked = request(Cookie=f"visitor={number}")
        assert variant(asked, {"b": 20}) in {"", variant(asked, wider)}


def test_without_a_cookie_address_and_browser_tell_visitors_apart() -> None:
    told = {variant(request() | {"clientIp": f"198.51.100.{number}"}, SETTINGS.variants) for number in range(200)}
    assert told == {"", "b", "c"}
    assert len({variant(request(), SETTINGS.variants) for _ in range(5)}) == 1


@pytest.mark.parametrize(("asked", "seen"), [("b", "b"), ("none", ""), ("unknown", None)])
def test_who_tests_a_variant_names_it(asked: str, seen: str | None) -> None:
    everybody = {"c": 100, "b": 0}
    assert variant(request(X_Variant=asked), everybody) == ("c" if seen is None else seen)


@pytest.mark.parametrize("cookie", ["visitor=", "visitor", "; ;", "visitor=\x01", "visitor=" + "x" * 300])
def test_a_cookie_that_is_none_is_ignored(cookie: str) -> None:
    assert variant(request(Cookie=cookie), SETTINGS.variants) == variant(request(), SETTINGS.variants)


def test_the_handler_reads_the_settings_of_its_archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"default_page": "start.html", "variants": {"b": 100}}')
    monkeypatch.setattr(handler, "__file__", str(tmp_path / "handler.py"))
    handler.settings.cache_clear()
    assert handler.handle(viewer_request("/"), None)["uri"] == "/_b/start.html"
    handler.settings.cache_clear()
