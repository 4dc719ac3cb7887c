"""What the bench of growth judges: every resource counts, and every region adds as many as any other from two on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.growth import PARTS, Growth, Size


def size(regions: int, *, hub: int = 98, other: int = 104, world: int = 7) -> Size:
    """Make a size that grows as it should: two resources more in each hub with every region."""
    return Size(
        regions=regions,
        regional=tuple(hub + 2 * regions if place < 2 else other for place in range(regions)),
        world=world * regions,
        seconds=dict.fromkeys(PARTS, float(regions)),
    )


SIZES = tuple(size(regions) for regions in (1, 2, 4, 8))


def test_what_grows_by_the_same_with_every_region_breaks_no_limit() -> None:
    growth = Growth(sizes=SIZES)
    assert list(growth.broken()) == []
    assert list(growth.resources_per_added_region()) == ["", "", "108", "108"]
    rows = list(growth.lines())[2:6]
    assert [row.split()[:3] for row in rows[2:]] == [["4", "420", "108"], ["8", "852", "108"]]


def test_one_region_alone_is_not_judged() -> None:
    assert list(Growth(sizes=(replace(SIZES[0], regional=(5,), world=0), *SIZES[1:])).broken()) == []


@pytest.mark.parametrize(
    ("last", "what"),
    [
        (replace(SIZES[-1], regional=(*SIZES[-1].regional[:-1], 105)), "regions that are no hubs"),
        (replace(SIZES[-1], regional=(113, *SIZES[-1].regional[1:])), "hub 1"),
        (replace(SIZES[-1], regional=(114, 115, *SIZES[-1].regional[2:])), "hub 2"),
        (replace(SIZES[-1], regional=(113, *SIZES[-1].regional[1:])), "the regional stacks"),
        (replace(SIZES[-1], world=57), "the global stack"),
    ],
)
def test_what_does_not_is_named(last: Size, what: str) -> None:
    assert any(what in each for each in Growth(sizes=(*SIZES[:-1], last)).broken())


def test_a_link_between_any_two_regions_is_not_linear() -> None:
    meshed = tuple(replace(each, regional=(100 + 2 * each.regions,) * each.regions) for each in SIZES)
    assert "regional stacks do not grow" in " ".join(Growth(sizes=meshed).broken())
