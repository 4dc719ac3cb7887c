"""Drills over time as shapes: the slowest recovery of each against the objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lifeboat.drill.evidence import Point

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 1120, 190, 60, 20, 34, 18
MOST = 30
DATE = len("2026-11-20")


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One drill."""

    x: float
    y: float
    verdict: str
    date: str
    full: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The drills of a system; empty without at least two."""

    dots: tuple[Dot, ...]
    line: str
    objective_y: float
    objective: str
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bottom: float = HEIGHT - BOTTOM


def chart(history: Sequence[Point], rto_seconds: int) -> Chart:
    """Lay out the newest drills."""
    points = [each for each in history if each.rto is not None][-MOST:]
    highest = max([rto_seconds, *(each.rto or 0.0 for each in points)])
    step = (WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / highest, 1)

    dots = tuple(
        Dot(
            x=round(LEFT + 10 + index * step * 0.96, 1),
            y=y(each.rto or 0.0),
            verdict=each.verdict,
            date=each.at[:DATE],
            full=f"{each.at}: {each.verdict}, slowest recovery {each.rto:.0f} s, loss {each.rpo:g} s",
        )
        for index, each in enumerate(points)
    )
    return Chart(
        dots=dots if len(dots) > 1 else (),
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        objective_y=y(rto_seconds),
        objective=f"RTO {rto_seconds} s",
    )
