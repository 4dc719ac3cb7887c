"""The timeline of a scenario as shapes that a template draws: seconds from left to right, in lanes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lifeboat.drill.direct import Act
from lifeboat.drill.record import Run
from lifeboat.drill.recovery import SUCCEEDED

WIDTH, LEFT, RIGHT = 1120, 150, 16
TOP, LANE, BAR = 58, 40, 20
TICK_EVERY = (5, 10, 15, 30, 60, 120, 300, 600)
MOST_TICKS = 14
SHORTEST_BAR = 3.0
LETTER = 6.6
"""About the width of a letter, to know which words fit into a bar."""
STEPS = ("Fence", "Let the last writes end", "Recover", "Open writes", "Notify")
LANES = {
    "phases": "Recovery",
    "world": "Lost",
    "writes": "Clients write",
    "reads": "Clients read",
    "rows": "PostgreSQL rows",
    "machine": "State machine",
    "people": "People",
}

Mark = tuple[float, float, str, bool]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A span, or a moment drawn as a thin one.

    Attributes:
        kind: What colours it.
        words: Written inside; empty where they do not fit.
        full: Shown when pointed at.
    """

    x: float
    y: float
    width: float
    height: float
    kind: str
    words: str
    full: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words at a place."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The whole picture."""

    height: float
    lanes: tuple[Label, ...]
    ticks: tuple[Label, ...]
    bars: tuple[Bar, ...]
    width: float = WIDTH
    left: float = LEFT
    right: float = WIDTH - RIGHT


class Drawing:
    """Lays one scenario out."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._seconds = max(act.ended - act.began, 1.0)
        marks = {"writes": act.writes, "reads": act.reads, "rows": act.rows}
        lost = any(each.lane == "world" for each in act.moments)
        self._lanes = [lane for lane in LANES if marks.get(lane, lost or lane not in {"phases", "world"})]

    def timeline(self) -> Timeline:
        """Return the shapes."""
        every = next((each for each in TICK_EVERY if self._seconds / each <= MOST_TICKS), TICK_EVERY[-1])
        ticks = [Label(x=self._x(at), y=TOP - 12, words=f"{at} s") for at in range(0, int(self._seconds) + 1, every)]
        return Timeline(
            height=TOP + len(self._lanes) * LANE + 8,
            lanes=tuple(Label(x=12, y=self._y(lane) + 15, words=LANES[lane]) for lane in self._lanes),
            ticks=tuple(ticks),
            bars=tuple(self._bars()),
        )

    def _bars(self) -> Iterator[Bar]:
        yield from self._phases()
        yield from self._world()
        for lane, marks in (("writes", self._act.writes), ("reads", self._act.reads), ("rows", self._act.rows)):
            yield from self._marks(lane, marks)
        for run in self._act.runs:
            yield from self._machine(run)
        yield from self._people()

    def _people(self) -> Iterator[Bar]:
        """Draw what people did, with words beside it where there is room."""
        free = 0.0
        for moment in (each for each in self._act.moments if each.lane == "people"):
            at = moment.at - self._act.began
            bar = self._bar("people", at, moment.until - self._act.began if moment.until else at, "person", moment.what)
            end = bar.x + bar.width + 6 + len(moment.what) * LETTER
            has_room = bar.x >= free and end <= WIDTH
            free = end if has_room else free
            yield Bar(**{**vars(bar), "words": moment.what if has_room else ""})

    def _phases(self) -> Iterator[Bar]:
        """Draw what the recovery consisted of: detection, decision, failover, until clients were served."""
        found = self._act.measured
        done = next((run for run in self._act.runs if run.outcome == SUCCEEDED), None)
        lost = next((each.at for each in self._act.moments if each.lane == "world" and "dark" in each.what), None)
        if done is None or lost is None or found.rto is None or lost > done.began:
            return
        ordered, opened = done.ordered - self._act.began, (done.opened or done.ended) - self._act.began
        start = lost - self._act.began
        detected = min(start + (found.detection or 0.0), ordered)
        yield self._bar("phases", start, detected, "detection", f"detection {detected - start:.1f} s")
        yield self._bar("phases", detected, ordered, "decision", f"decision {ordered - detected:.1f} s")
        yield self._bar("phases", ordered, opened, "failover", f"failover {opened - ordered:.1f} s")
        served = start + found.rto
        if served > opened:
            yield self._bar("phases", opened, served, "serving", f"until served {served - opened:.1f} s")

    def _world(self) -> Iterator[Bar]:
        begun: dict[str, float] = {}
        for moment in (each for each in self._act.moments if each.lane == "world"):
            at = moment.at - self._act.began
            what = moment.what
            if moment.bad:
                begun[what.removesuffix(" goes dark")] = at
                continue
            over = list(begun) if what.startswith("everything") else [each for each in begun if each in what]
            for each in over:
                yield self._loss(begun.pop(each), at, each, is_alone=not begun)
        for what, since in begun.items():
            yield self._loss(since, self._seconds, what, is_alone=len(begun) == 1)

    def _loss(self, since: float, until: float, what: str, *, is_alone: bool) -> Bar:
        """Draw a loss; what goes on beside another one is drawn over it, lower."""
        words = what.removesuffix(" stands still")
        bar = self._bar("world", since, until, "dark" if words == what else "held", words)
        return bar if is_alone else Bar(**{**vars(bar), "height": BAR / 2, "y": bar.y - BAR / 2, "words": ""})

    def _marks(self, lane: str, marks: Sequence[Mark]) -> Iterator[Bar]:
        """Draw one thin bar per attempt: by the region that answered, or as a refusal."""
        for at, until, region, worked in marks:
            kind = "refused" if not worked else "home" if region in {"", self._act.primary} else "away"
            said = f"{at:.1f} s: {'acknowledged' if worked else 'failed'}{f' by {region}' if region else ''}"
            bar = self._bar(lane, at, until, kind, said)
            yield Bar(**{**vars(bar), "words": ""})

    def _machine(self, run: Run) -> Iterator[Bar]:
        start, end = run.began - self._act.began, run.ended - self._act.began
        good = run.outcome == SUCCEEDED
        kind = "run" if good else "failed"
        yield self._bar(
            "machine", start, end, kind, f"{run.mode} to {run.to}: {run.outcome}, {end - start:.1f} s", wordy=False
        )
        for step in run.steps:
            if step.name in STEPS:
                at = step.at - self._act.began
                yield self._bar("machine", at, at + step.seconds, "step", f"{step.name} {step.seconds:.1f} s")

    def _bar(self, lane: str, start: float, end: float, kind: str, full: str, *, wordy: bool = True) -> Bar:
        x, width = self._x(start), max(SHORTEST_BAR, self._x(end) - self._x(start))
        fits = wordy and len(full) * LETTER < width
        return Bar(x=x, y=self._y(lane), width=width, height=BAR, kind=kind, words=full if fits else "", full=full)

    def _x(self, seconds: float) -> float:
        room = WIDTH - LEFT - RIGHT
        return round(LEFT + room * min(max(seconds, 0.0), self._seconds) / self._seconds, 1)

    def _y(self, lane: str) -> float:
        return TOP + self._lanes.index(lane) * LANE


def timeline(act: Act) -> Timeline:
    """Lay out a scenario."""
    return Drawing(act).timeline()
