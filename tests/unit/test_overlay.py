"""Stages: the suffix picks one, and it changes what it names and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.stages import TomlTable, has_path, overlay, stage_of

keys = st.sampled_from("abc")
tables = st.recursive(
    st.dictionaries(keys, st.integers(), max_size=3),
    lambda inner: st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("suffix", "stage"),
    [
        ("dev", "dev"),
        ("pr1", "pr*"),
        ("prod", "prod"),
        ("prod2", "pro*"),
        ("x", None),
        ("", None),
    ],
)
def test_a_stages_own_name_wins_and_then_the_longest_pattern(suffix: str, stage: str | None) -> None:
    assert stage_of(suffix, ["dev", "pr*", "pro*", "prod"]) == stage


def test_case_is_never_folded() -> None:
    assert stage_of("DEV", ["dev", "d*"]) is None


def test_tables_merge_and_everything_else_is_replaced() -> None:
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert overlay(base, {"a": {"c": [3]}, "e": {"f": 1}}) == {"a": {"b": 1, "c": [3]}, "d": 1, "e": {"f": 1}}
    assert overlay(base, {"a": 1, "d": {"x": 1}}) == {"a": 1, "d": {"x": 1}}
    assert base == {"a": {"b": 1, "c": [1, 2]}, "d": 1}


@given(base=tables, changes=tables)
def test_laying_the_same_changes_twice_changes_nothing_more(base: TomlTable, changes: TomlTable) -> None:
    once = overlay(base, changes)
    assert overlay(once, changes) == once
    assert overlay(base, {}) == base


@pytest.mark.parametrize(
    ("path", "says"),
    [(("a", "b"), True), (("a",), True), (("a", "x"), False), (("a", "b", "c"), False), ((), True)],
)
def test_a_table_knows_what_it_says(path: tuple[str | int, ...], *, says: bool) -> None:
    assert has_path({"a": {"b": 1}}, path) is says
