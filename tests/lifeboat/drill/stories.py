"""Stories that never happened, to measure and judge by: a loss at 10, an order at 16, writes opened at 30."""

from __future__ import annotations

from lifeboat.drill.record import READ, WRITE, Attempt, Call, Moment, Run, StepTime, Story

HOME, AWAY = "us-east-1", "us-west-2"
LOST, NOTICED, ORDERED, OPENED, ENDED = 10.0, 14.0, 16.0, 30.0, 31.0


def write(at: float, region: str, *, status: int = 201, key: str = "", code: str = "", kind: str = WRITE) -> Attempt:
    return Attempt(
        at=at,
        until=at + 0.5,
        kind=kind,
        region=region,
        key=key or f"ord-{at:g}",
        status=status,
        code=code,
        placed_in=region if status < 300 else "",
    )


def run(**changes: object) -> Run:
    facts: dict[str, object] = {
        "name": "failover",
        "arn": f"arn:aws:states:{AWAY}:1:execution:m:e",
        "to": AWAY,
        "mode": "unplanned",
        "ordered": ORDERED,
        "began": ORDERED + 0.5,
        "opened": OPENED,
        "ended": ENDED,
        "outcome": "SUCCEEDED",
        "steps": (
            StepTime(name="Fence", at=17.0, seconds=5.0),
            StepTime(name="Recover", at=22.0, seconds=7.5),
            StepTime(name="Open writes", at=29.5, seconds=0.5),
        ),
        "fence": {AWAY: True, HOME: False},
    }
    return Run(**(facts | changes))  # type: ignore[arg-type] # the same fields, some changed


def story(**changes: object) -> Story:
    facts: dict[str, object] = {
        "began": 0.0,
        "ended": 60.0,
        "primary": HOME,
        "standby": AWAY,
        "attempts": [
            write(8.0, HOME),
            write(8.2, HOME, kind=READ, status=200),
            write(12.0, HOME, status=0, key="-"),
            write(20.0, AWAY, status=503, key="-", code="FENCED"),
            write(32.0, AWAY),
            write(40.0, AWAY),
        ],
        "moments": [
            Moment(at=LOST, lane="world", what=f"{HOME} goes dark", bad=True),
            Moment(at=NOTICED, lane="health", what="DNS sends clients to the standby"),
            Moment(at=50.0, lane="world", what="everything is back"),
        ],
        "runs": [run()],
        "open_in_the_end": AWAY,
        "writer_in_the_end": AWAY,
        "serves_in_the_end": True,
    }
    return Story(**(facts | changes))  # type: ignore[arg-type] # as above


def call(caller: str, region: str = HOME) -> Call:
    return Call(time="2026-01-01T00:00:00", region=region, service="ssm", action="GetParameter", caller=caller)
