"""Clients for a bad day: short time-outs, no repetition, every region by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from lifeboat.failure import Failure

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


CONNECT_SECONDS = 2.0
READ_SECONDS = 3.0
SKEWED = {"RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch"}
REFUSED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "ExpiredToken",
}
LOCAL, AWS = "local", "aws"

Answer = TypeVar("Answer")
Client = Any
"""boto3 makes its clients at run time; callers that use one service closely name its type."""


class Clients:
    """Makes one client per service and region; safe to use from any thread."""

    def __init__(
        self, *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS, key: str | None = None
    ) -> None:
        """Make none yet.

        Args:
            key: Access key to sign with on the embedded AWS, which tells callers by it. Absent: the environment's.
            connect_seconds: Time to connect.
            read_seconds: Time for an answer.
        """
        self.deadline_seconds = connect_seconds + read_seconds
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._key = key
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Client] = {}

    def __call__(self, service: str, region: str) -> Client:
        """Return a client."""
        with self._lock:  # boto3 makes clients in one thread at a time
            if (service, region) not in self._made:
                self._made[service, region] = self._make(service, region)
            return self._made[service, region]

    def prepare(self, services: Sequence[str], regions: Sequence[str]) -> None:
        """Make clients before the clock runs: reading their models is this machine's slowness, not a region's."""
        for region in regions:
            for service in services:
                self(service, region)

    def _make(self, service: str, region: str) -> Client:
        import boto3  # noqa: PLC0415 boto3 is not everybody's need
        from botocore.config import Config  # noqa: PLC0415 as above

        config = Config(
            connect_timeout=self._connect_seconds,
            read_timeout=self._read_seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},
        )
        make: Callable[..., Client] = boto3.client
        own = {"aws_access_key_id": self._key, "aws_secret_access_key": "local"} if self._key else {}
        return make(service, region_name=region, config=config, **own)


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Instead of an answer: why there is none."""

    why: str


def ask_all(questions: Mapping[str, Callable[[], Answer]], *, deadline_seconds: float) -> dict[str, Answer | Silence]:
    """Ask side by side; who has not answered when the time is up is silent.

    Args:
        questions: What is asked, by a name.
        deadline_seconds: For all of them together.
    """
    if not questions:
        return {}
    # Daemon-like: whoever still hangs is left behind, not waited for.
    pool = ThreadPoolExecutor(max_workers=len(questions), thread_name_prefix="ask")
    try:
        asked = {name: pool.submit(question) for name, question in questions.items()}
        wait(asked.values(), timeout=deadline_seconds)
        return {
            name: _heard(future.result) if future.done() else Silence(why=f"no answer within {deadline_seconds:g} s")
            for name, future in asked.items()
        }
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _heard(result: Callable[[], Answer]) -> Answer | Silence:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 as above

    try:
        return result()
    except (BotoCoreError, ClientError) as error:
        return Silence(why=explain(error))


def explain(error: Exception) -> str:
    """Say what an error of AWS or of the way to it means, in one line."""
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    message = " ".join(str(error).split())
    if code in SKEWED:
        return f"AWS refuses the signature: is this machine's clock right? ({message})"
    if code in REFUSED:
        return f"these credentials may not do that: wrong account, expired, or too few permissions ({message})"
    if not response and type(error).__name__ == "NoCredentialsError":
        return "there are no credentials: sign in, or choose --target local for the embedded AWS"
    if not response:
        return f"no answer ({type(error).__name__})"
    return message


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn an error of AWS into a message.

    Raises:
        Failure: Whatever went wrong within the block.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 as above

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"{doing}: {explain(error)}") from None


def aimed_at(target: str) -> AbstractContextManager[None]:
    """Work on the embedded AWS that runs, or on what the environment says.

    Raises:
        Failure: No embedded AWS runs.
    """
    if target == AWS:
        return nullcontext()
    from lifeboat.local import server  # noqa: PLC0415 only here
    from lifeboat.local.context import pointed_at  # noqa: PLC0415 only here
    from lifeboat.workspace import Workspace  # noqa: PLC0415 only here

    return pointed_at(server.running(Workspace.of()).url)
