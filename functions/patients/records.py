"""What a patient record is, and how one is read from a request. Pure: no store, no clock of its own."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

BODY_LIMIT = 16 * 1024
LONGEST_NAME = 200
LONGEST_NUMBER = 40
EARLIEST = dt.date(1870, 1, 1)
"""Nobody alive was born before; an earlier date is a slip of the hand."""
FIELDS = ("number", "family_name", "given_name", "born")


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of this program
    """A request that is answered with other than what it asked for.

    Args:
        status: HTTP status of the answer.
        code: Stable word that a client can compare.
        message: One sentence for a person; it repeats nothing that the request said.
        faults: Place and problem of everything that is wrong with the request.
        retry_after: Seconds after which the same request may succeed. None: repeating it changes nothing.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        faults: Sequence[tuple[str, str]] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.faults = tuple(faults)
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Person:
    """What a client says about a patient.

    Attributes:
        number: The clinic's own number of the patient, unique.
        family_name: As written in the papers.
        given_name: As written in the papers.
        born: Date of birth, ISO 8601.
    """

    number: str
    family_name: str
    given_name: str
    born: str

    def __repr__(self) -> str:
        """Say nothing: what a log or a traceback repeats must not be a patient."""
        return "<Person>"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A person as kept.

    Attributes:
        id: Random; the only thing about a patient that may be in an address.
        version: Counts the changes, from 1.
        person: Who it is.
    """

    id: str
    version: int
    person: Person

    def as_json(self) -> dict[str, object]:
        """Return what a client gets to see."""
        return {"id": self.id, "version": self.version, **asdict(self.person)}


def parse_person(body: str, today: dt.date) -> Person:
    """Read a person from the body of a request.

    Raises:
        Refusal: 413 when the body is over `BODY_LIMIT` bytes; 400 with every fault at once otherwise.
    """
    if len(body.encode("utf-8", errors="surrogatepass")) > BODY_LIMIT:
        raise Refusal(413, "BODY_TOO_LARGE", f"The body of a record has at most {BODY_LIMIT} bytes.")
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _invalid([("body", "is not a JSON object")])
    faults = [(name, "is missing") for name in FIELDS if name not in document]
    faults += [(name, f"is not known; known are {', '.join(FIELDS)}") for name in document if name not in FIELDS]
    faults += [(name, problem) for name in FIELDS if name in document for problem in _faults(name, document, today)]
    if faults:
        raise _invalid(faults)
    return Person(**{name: unicodedata.normalize("NFC", document[name]).strip() for name in FIELDS})


def _faults(name: str, document: Mapping[str, object], today: dt.date) -> list[str]:
    value = document[name]
    longest = LONGEST_NUMBER if name == "number" else LONGEST_NAME
    if not isinstance(value, str) or not value.strip():
        return ["must be a text that says something"]
    if len(value) > longest:
        return [f"must have at most {longest} characters"]
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        return ["must not hold control characters"]
    return _date_faults(value, today) if name == "born" else []


def _date_faults(value: str, today: dt.date) -> list[str]:
    try:
        born = dt.date.fromisoformat(value)
    except ValueError:
        return ["must be a date such as 1970-12-31"]
    if len(value) != len("1970-12-31") or not EARLIEST <= born <= today:
        return [f"must be a date such as 1970-12-31, from {EARLIEST.year} to today"]
    return []


def check_id(text: str | None, where: str) -> str:
    """Read an id.

    Raises:
        Refusal: 400 when it is not a UUID in its usual form.
    """
    try:
        parsed = str(uuid.UUID(text or ""))
    except ValueError:
        parsed = ""
    if not text or parsed != text.lower():
        raise _invalid([(where, "must be a UUID")])
    return parsed


def check_version(text: str | None) -> int:
    """Read which version of a record a change is based on, from `If-Match`.

    Raises:
        Refusal: 428 without one: a change of something unseen would undo somebody else's. 400 when it is no number.
    """
    if text is None:
        raise Refusal(428, "VERSION_REQUIRED", "Say in If-Match which version of the record you have seen.")
    digits = text.strip().strip('"')
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise _invalid([("If-Match", "must be the version of a record")])
    return int(digits)


def check_open(active: str, region: str) -> None:
    """Refuse a write where another region takes them.

    Raises:
        Refusal: 503: after a failover this region is fenced.
    """
    if active not in {region, "all"}:
        raise Refusal(503, "FENCED", "Another region takes writes now.", retry_after=30)


def _invalid(faults: Sequence[tuple[str, str]]) -> Refusal:
    return Refusal(400, "INVALID_REQUEST", "The request is not valid.", faults=faults)
