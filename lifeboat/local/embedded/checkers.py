"""Route 53's health checkers: every check is asked again and again, and turns after so many answers of one kind.

They rest until they are started. Then DNS answers follow what they have seen, as on AWS; while they rest, every check
is judged at the moment of the question. They may work faster than AWS does:

    CHECKERS.start(speed=5)     # a check of every 10 s is asked every 2 s
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from moto.route53.models import HealthCheck, Route53Backend, route53_backends

Judge = Callable[[Route53Backend, HealthCheck], tuple[bool, str]]
TICK_SECONDS = 0.05
SIDE_BY_SIDE = 8
CHANGES_KEPT = 1000


def is_inverted(check: HealthCheck) -> bool:
    """Tell whether a check says the opposite of what it finds."""
    return str(check.inverted).lower() == "true"


@dataclass(kw_only=True)
class Seen:
    """What the checkers know of one check.

    Attributes:
        healthy: What they say. A check is healthy until enough was seen of it, and an inverted one unhealthy:
            https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
        against: Answers in a row that say the opposite.
        due: When it is asked next, by the monotonic clock.
        asking: Whether it is being asked now.
        reason: The last answer.
    """

    healthy: bool = True
    against: int = 0
    due: float = 0.0
    asking: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A check that changed its mind."""

    time: str
    check: str
    host: str
    healthy: bool
    reason: str
    inverted: bool


@dataclass
class Checkers:
    """All checkers. Safe to use from any thread.

    Attributes:
        judge: Asks once: healthy or not, and why.
    """

    judge: Judge
    speed: float = 0.0
    turns: list[Turn] = field(default_factory=list)
    _seen: dict[str, Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, speed: float) -> None:
        """Begin, so many times as often as the checks say. Running already: go on at that speed."""
        with self._lock:
            self.speed = speed
            if self._thread is None:
                self._stop.clear()
                self._seen.clear()
                self.turns.clear()
                self._thread = threading.Thread(target=self._work, name="health checkers", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Rest."""
        with self._lock:
            thread, self._thread, self.speed = self._thread, None, 0.0
            self._stop.set()
        if thread:
            thread.join()

    def is_healthy(self, account: str, check_id: str) -> bool:
        """Tell what DNS goes by."""
        backend = route53_backends[account]["aws"]
        check = backend.health_checks.get(check_id)
        if check is None:
            return True
        if check.type_ == "CALCULATED":
            good = sum(self.is_healthy(account, child) for child in check.children or ())
            return (good >= int(check.health_threshold or 0)) ^ is_inverted(check)
        if self._thread is None:
            return self.judge(backend, check)[0]
        with self._lock:
            return self._seen.get(check_id, Seen(healthy=not is_inverted(check))).healthy

    def reason(self, check_id: str) -> str:
        """Return the last answer of a check. Empty: there is none yet."""
        with self._lock:
            return self._seen.get(check_id, Seen()).reason

    def facts(self) -> dict[str, object]:
        """Return what they do and what they have seen."""
        with self._lock:
            return {
                "speed": self.speed,
                "checks": {
                    check: {"healthy": seen.healthy, "reason": seen.reason} for check, seen in self._seen.items()
                },
                "turns": [vars(turn) for turn in self.turns],
            }

    def _work(self) -> None:
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="health") as pool:
            while not self._stop.wait(TICK_SECONDS):
                for backend, check, seen in self._due():
                    pool.submit(self._ask, backend, check, seen)

    def _due(self) -> Iterator[tuple[Route53Backend, HealthCheck, Seen]]:
        now = time.monotonic()
        for backends in list(route53_backends.values()):
            backend = backends["aws"]
            for check in list(backend.health_checks.values()):
                if check.type_ == "CALCULATED":
                    continue
                with self._lock:
                    seen = self._seen.setdefault(check.id, Seen(healthy=not is_inverted(check)))
                    if seen.asking or now < seen.due:
                        continue
                    seen.asking, seen.due = True, now + int(check.request_interval or 30) / self.speed
                yield backend, check, seen

    def _ask(self, backend: Route53Backend, check: HealthCheck, seen: Seen) -> None:
        try:
            healthy, reason = self.judge(backend, check)
        except Exception as error:  # noqa: BLE001 - a check of something half deleted is a check that fails
            healthy, reason = False, str(error)
        with self._lock:
            seen.asking, seen.reason = False, reason
            seen.against = 0 if healthy == seen.healthy else seen.against + 1
            if seen.against < int(check.failure_threshold or 3):
                return
            seen.healthy, seen.against = healthy, 0
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            host = str(check.fqdn or "")
            turn = Turn(
                time=now, check=check.id, host=host, healthy=healthy, reason=reason, inverted=is_inverted(check)
            )
            self.turns.append(turn)
            del self.turns[:-CHANGES_KEPT]
