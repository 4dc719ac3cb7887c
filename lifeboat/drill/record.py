"""What a drill keeps: plain records that become JSON, read by the report and by the next drill's trend."""

from __future__ import annotations

import msgspec

FORMAT = 1
"""Raised when a reader of older evidence would misunderstand it."""

WRITE, READ, ROW = "write", "read", "row"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a client tried.

    Attributes:
        at: When it began, seconds since the epoch.
        until: When it was answered, or given up.
        kind: `write` and `read` of an order through the shared name, `row` in PostgreSQL through its writer endpoint.
        region: Where DNS sent the client. Empty: the endpoint does not tell.
        key: What was written or read: the order's id, the row's id. Empty: a refused write has none.
        status: HTTP status; 0 when nobody answered; 200 or 0 for a row.
        code: What the application called its refusal.
        placed_in: Region that says it took the order.
        resolved: When DNS gave the answer that was followed. 0: none was asked for.
    """

    at: float
    until: float
    kind: str
    region: str = ""
    key: str = ""
    status: int = 0
    code: str = ""
    placed_in: str = ""
    resolved: float = 0.0

    @property
    def is_acknowledged(self) -> bool:
        """Whether the client was told that it worked."""
        return 200 <= self.status < 300


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: on the timeline of the report.

    Attributes:
        at: Seconds since the epoch.
        lane: `world`, `health`, `people` or `machine`.
        what: Told to people.
        until: When it was over. 0: it is a moment, not a span.
        bad: Whether it is a loss.
    """

    at: float
    lane: str
    what: str
    until: float = 0.0
    bad: bool = False


class StepTime(msgspec.Struct, frozen=True, kw_only=True):
    """A state of the machine that took time.

    Attributes:
        name: Its name.
        at: When it was entered.
        seconds: How long it took.
    """

    name: str
    at: float
    seconds: float


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """An execution of the failover machine.

    Attributes:
        name: What the scenario calls it.
        arn: The execution.
        to: Region that takes over.
        mode: `planned` or `unplanned`.
        ordered: When a person ordered it.
        began: When the machine began.
        opened: When writes were opened. 0: never.
        ended: When it ended.
        outcome: `SUCCEEDED`, `ABORTED`, or the error.
        steps: States that took time, in the order in which they were entered.
        fence: Region to whether it confirmed that it is closed.
        missing_orders: Acknowledged orders that the new primary did not have when this ended.
        missing_rows: The same in PostgreSQL.
    """

    name: str
    arn: str
    to: str
    mode: str
    ordered: float
    began: float
    opened: float
    ended: float
    outcome: str
    steps: tuple[StepTime, ...] = ()
    fence: dict[str, bool] = {}
    missing_orders: tuple[str, ...] = ()
    missing_rows: tuple[str, ...] = ()


class Switched(msgspec.Struct, frozen=True, kw_only=True):
    """A region that was told who is open.

    Attributes:
        at: When.
        region: The region.
        active: What it says since then: a region, or `none`.
    """

    at: float
    region: str
    active: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call that reached something dark."""

    time: str
    region: str
    service: str
    action: str
    caller: str = ""


class PlanResult(msgspec.Struct, frozen=True, kw_only=True):
    """What Terraform would do.

    Attributes:
        at: When it was asked.
        stack: The stack.
        changes: Actions and addresses, such as `update aws_lambda_function.service`.
        harm: Those of them that replace, destroy or detach something.
    """

    at: float
    stack: str
    changes: tuple[str, ...]
    harm: tuple[str, ...]


class Story(msgspec.Struct, kw_only=True):
    """Everything that one scenario left behind."""

    began: float
    ended: float = 0.0
    primary: str
    standby: str
    attempts: list[Attempt] = []
    moments: list[Moment] = []
    runs: list[Run] = []
    switched: list[Switched] = []
    calls: list[Call] = []
    plans: list[PlanResult] = []
    missing_in_the_end: tuple[str, ...] = ()
    orders_come_back: bool = True
    """Whether orders that a failover left behind must be there again once all regions are lit."""
    open_in_the_end: str = ""
    writer_in_the_end: str = ""
    serves_in_the_end: bool = False
    locks_in_the_end: tuple[str, ...] = ()
    trouble: str = ""
