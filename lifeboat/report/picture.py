"""A picture of regions, stacks and what changes in them, as shapes that a template draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lifeboat.report.model import SYMBOLS, Action, Report, Section
from lifeboat.report.systems import System, systems
from lifeboat.report.text import short

WIDTH = 1120
MARGIN, GAP = 16, 40
STACK_HEIGHT, STACK_GAP, HEAD, TITLE = 64, 14, 34, 40
CHIP_WIDTH, CHIP_GAP = 50, 6
CHARACTER = 7.6
"""About the width of a letter in the picture, to know how many fit."""


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A number of resources with what happens to them."""

    x: float
    text: str
    action: str


@dataclass(frozen=True, kw_only=True)
class Box:
    """A stack."""

    x: float
    y: float
    width: float
    title: str
    full: str
    anchor: str
    chips: tuple[Chip, ...]
    state: str
    """What colours its border: guarded, changes, waits or quiet."""
    quiet: str
    """What is written where there are no chips."""

    @property
    def height(self) -> float:
        """How high it is."""
        return STACK_HEIGHT


@dataclass(frozen=True, kw_only=True)
class Area:
    """A region, or the place of what is in several."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """From a stack to one that is applied after it: a path in SVG's words."""

    path: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The whole picture."""

    height: float
    titles: tuple[tuple[float, str], ...]
    areas: tuple[Area, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float = WIDTH


def picture(report: Report) -> Picture:
    """Lay out a report: a band per system, a column per region, what is in several regions across all of them."""
    guarded = {finding.stack for finding in report.guarded}
    anchors = {section.stack: f"stack-{number}" for number, section in enumerate(report.sections)}
    titles: list[tuple[float, str]] = []
    areas: list[Area] = []
    boxes: list[Box] = []
    y: float = MARGIN
    for system in systems(report.sections):
        titles.append((y + 22, short(system.name, 100)))
        y += TITLE
        band, height = _band(system, y)
        areas += band
        for area, members in _members(system, band):
            for number, section in enumerate(members):
                top = area.y + HEAD + number * (STACK_HEIGHT + STACK_GAP)
                boxes.append(_box(section, area, top, anchors[section.stack], is_guarded=section.stack in guarded))
        y += height + GAP
    return Picture(
        height=max(y, 2 * MARGIN),
        titles=tuple(titles),
        areas=tuple(areas),
        boxes=tuple(boxes),
        arrows=tuple(_arrows(report.sections, boxes)),
    )


def _band(system: System, y: float) -> tuple[list[Area], float]:
    """Return the areas of a system, and how high they are together."""
    columns = len(system.regions)
    areas: list[Area] = []
    height = 0.0
    if columns:
        rows = max(sum(1 for each in system.regional if each.region == region) for region in system.regions)
        height = _height(rows)
        width = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns
        for number, region in enumerate(system.regions):
            areas.append(Area(x=MARGIN + number * (width + GAP), y=y, width=width, height=height, title=region))
    if system.others:
        top = y + height + (GAP if columns else 0)
        tall = _height(len(system.others))
        title = "across the regions" if columns else ""
        areas.append(Area(x=MARGIN, y=top, width=WIDTH - 2 * MARGIN, height=tall, title=title))
        height = top + tall - y
    return areas, height


def _height(rows: int) -> float:
    return HEAD + rows * (STACK_HEIGHT + STACK_GAP)


def _members(system: System, areas: Sequence[Area]) -> list[tuple[Area, list[Section]]]:
    columns = len(system.regions)
    found = [
        (area, [each for each in system.regional if each.region == region])
        for area, region in zip(areas[:columns], system.regions, strict=True)
    ]
    return found + [(area, list(system.others)) for area in areas[columns:]]


def _box(section: Section, area: Area, y: float, anchor: str, *, is_guarded: bool) -> Box:
    x, width = area.x + STACK_GAP, area.width - 2 * STACK_GAP
    counts = section.counts
    found = [(SYMBOLS[action], counts[action], str(action)) for action in Action if counts[action]]
    found += [("≠", len(section.drift), "drift")] if section.drift else []
    found += [("⇢", len(section.outputs), "output")] if section.outputs else []
    chips = tuple(
        Chip(x=x + 12 + number * (CHIP_WIDTH + CHIP_GAP), text=f"{sign} {amount}", action=action)
        for number, (sign, amount, action) in enumerate(found)
        if 12 + (number + 1) * (CHIP_WIDTH + CHIP_GAP) < width
    )
    state = "guarded" if is_guarded else "waits" if section.waits_for else "changes" if section.has_changes else "quiet"
    return Box(
        x=x,
        y=y,
        width=width,
        title=short(section.stack, int(width / CHARACTER) - 4),
        full=section.stack,
        anchor=anchor,
        chips=chips,
        state=state,
        quiet="must wait" if section.waits_for else "no changes",
    )


def _arrows(sections: Sequence[Section], boxes: Sequence[Box]) -> list[Arrow]:
    """Draw what is applied after what, without those that others imply."""
    where = {box.full: box for box in boxes}
    needs = {section.stack: [each for each in section.depends_on if each in where] for section in sections}
    found = []
    for section in sections:
        direct = needs[section.stack]
        implied = {far for near in direct for far in needs.get(near, [])}
        for name in direct:
            same_band = where[name].y >= where[section.stack].y
            if name not in implied or not same_band:
                found.append(Arrow(path=_path(where[name], where[section.stack])))
    return found


def _path(start: Box, end: Box) -> str:
    if start.y + start.height <= end.y:
        x1, y1 = start.x + start.width / 2, start.y + start.height
        x2, y2 = min(max(x1, end.x + 24), end.x + end.width - 24), end.y
        return f"M{x1:.0f} {y1:.0f} C{x1:.0f} {y1 + 24:.0f} {x2:.0f} {y2 - 24:.0f} {x2:.0f} {y2 - 6:.0f}"
    leftwards = end.x < start.x
    x1, x2 = (start.x, end.x + end.width + 6) if leftwards else (start.x + start.width, end.x - 6)
    y1, y2 = start.y + start.height / 2, end.y + end.height / 2
    middle = (x1 + x2) / 2
    return f"M{x1:.0f} {y1:.0f} C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
