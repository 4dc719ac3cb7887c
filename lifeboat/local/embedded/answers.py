"""An answer that was lost on its way is given again, so that asking twice does nothing twice.

A client that loses an answer (the machine is busy, the connection breaks) asks again under the same invocation id. AWS
makes few calls idempotent by that; here, what was created by the first attempt would be refused to the second, and a
deploy would fail for no fault of its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT = 500
"""Answers; a client asks again within seconds."""
LARGEST = 100_000
"""Bytes. Larger ones are reads, which can be done again."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered: status line, headers and body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def is_final(self) -> bool:
        """Whether asking again is due to a lost answer: clients ask again of their own accord after errors."""
        return self.status.startswith("2") and len(self.body) <= LARGEST


class Answers:
    """The latest answers by invocation id. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Answer] = OrderedDict()

    def answer(
        self, application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a call, or give the answer of its earlier attempt again."""
        invocation = str(environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))
        if not invocation:
            return application(environ, start_response)
        with self._lock:
            known = self._kept.get(invocation)
        found = known or _collect(application, environ)
        if known is None and found.is_final:
            self._keep(invocation, found)
        start_response(found.status, found.headers)
        return [found.body]

    def _keep(self, invocation: str, answer: Answer) -> None:
        with self._lock:
            self._kept[invocation] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _collect(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Let an application answer, and return the whole of it."""
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start(
        status: str, headers: list[tuple[str, str]], _error: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        said.append((status, headers))
        return written.append

    written: list[bytes] = []
    answered = application(environ, start)
    try:
        body = b"".join([*written, *answered])
    finally:
        close = getattr(answered, "close", None)
        if close:
            close()
    status, headers = said[-1]
    return Answer(status=status, headers=headers, body=body)
