"""How the API says no: one exception that already knows its status, its code and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong with a request.

    Attributes:
        at: The header, the parameter, or the place in the body, such as `lines[0].quantity`.
        problem: What is wrong with it, for the person who wrote the client.
    """

    at: str
    problem: str


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of this program
    """A request that is answered with other than what it asked for.

    Args:
        status: HTTP status of the answer.
        code: Stable word that a client can compare, such as `FENCED`.
        message: One sentence for a person; it holds nothing internal.
        faults: What is wrong with the request, all of it at once. Empty when the request is not at fault.
        retry_after: Seconds after which the same request may succeed. None when repeating it changes nothing.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        faults: Sequence[Fault] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.faults = tuple(faults)
        self.retry_after = retry_after


def invalid(faults: Sequence[Fault]) -> Refusal:
    """Refuse a request for what it says: 400, with every fault found."""
    return Refusal(400, "INVALID_REQUEST", "The request is not valid.", faults=faults)
