"""Whether this region can serve: its own stores, asked side by side, within a budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from .database import UnavailableError

BUDGET_SECONDS = 1.5
"""How long all stores together may take. Health checkers give up after 2 s (fast Route 53 checks) to 5 s (load
balancers by default), and an answer that says which store is away is worth more than none."""


class Store(Protocol):
    """Something that this region cannot serve without."""

    name: str

    def probe(self) -> None:
        """Ask the store something harmless; raise when it does not answer."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one store said: `ok`, `error` (it answered with a refusal) or `no answer`, after how many milliseconds."""

    store: str
    status: str
    milliseconds: int

    @property
    def is_ok(self) -> bool:
        """Tell whether the store can be relied on."""
        return self.status == "ok"


def examine(stores: Sequence[Store], *, budget: float = BUDGET_SECONDS) -> tuple[Finding, ...]:
    """Ask every store at once and return what was heard when the budget, in seconds, is spent.

    A system without stores has no findings. What went wrong inside a store goes no further than its status.
    """
    if not stores:
        return ()
    # A pool per call: a store that still hangs from the last check must not take the place of this one's.
    pool = ThreadPoolExecutor(max_workers=len(stores), thread_name_prefix="health")
    try:
        asked = {store.name: pool.submit(_ask, store) for store in stores}
        wait(asked.values(), timeout=budget)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    late = round(budget * 1000)
    return tuple(
        answer.result() if answer.done() else Finding(store=name, status="no answer", milliseconds=late)
        for name, answer in asked.items()
    )


def _ask(store: Store) -> Finding:
    started = time.perf_counter()
    try:
        store.probe()
    except ClientError:
        status = "error"
    except BotoCoreError:
        status = "no answer"
    except UnavailableError as error:
        status = "error" if error.answered else "no answer"
    else:
        status = "ok"
    return Finding(store=store.name, status=status, milliseconds=round((time.perf_counter() - started) * 1000))
