"""What the bench of growth judges: every resource counts, and every region adds as many as any other from two on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.growth import EMPTY, PARTS, REGIONS, Growth, Parts, Size, growth_table


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


@pytest.mark.parametrize(
    ("disturbed", "rounds"), [(0, 3), (4, 5), (100, 9)], ids=["a quiet machine", "for a while", "all the time"]
)
def test_more_rounds_are_measured_as_long_as_something_disturbs(disturbed: int, rounds: int) -> None:
    asked: list[tuple[Parts, int]] = []

    def measure(count: int, parts: Parts) -> tuple[dict[str, int], float]:
        asked.append((parts, count))
        late = asked.count((parts, count)) <= disturbed
        resources = size(max(count, 1))
        stacks = dict(zip(REGIONS, resources.regional, strict=False)) | {"global": resources.world}
        # What is built altogether is the same in every size, so each takes as long; one is disturbed.
        return stacks, 1.0 if count == EMPTY else 17.0 * (1.5 if late and count == 16 else 1.0)

    growth = growth_table(measure)
    assert growth.rounds == rounds
    assert bool(list(growth.uneven())) is (disturbed > rounds)
