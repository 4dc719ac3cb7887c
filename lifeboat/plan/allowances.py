"""The guard file: what may happen to data and to replication, why, and until when. It is reviewed like code.

one_region_at_a_time = true            # no plan may change two regions of a system in one go
data_types = ["acme_archive"]          # types that hold data, beyond those that are known

[[allow]]
address = "aws_s3_bucket.media"        # exactly one resource
stack = "shop-prod-us-east-1"          # absent: in any stack
rule = "data-loss"                     # absent: data-loss
reason = "moved to media-2, see pull request 41"
expires = 2027-01-31                   # the last day
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from deployments.problems import Problem, ProblemsError
from lifeboat.report.model import Finding

DEFAULT_FILE = Path("lifeboat-guard.toml")
DATA_LOSS = "data-loss"
MEMBERSHIP = "global-database-detach"
REPLICATION = "replication-stop"
STANDBY = "standby-copy"
TOGETHER = "regions-together"
REVIEW_RULES = ("public-access", "state-moved")
"""Guards that `lifeboat review` alone has, since they show in the files and not in a plan."""
RULES = (DATA_LOSS, MEMBERSHIP, REPLICATION, STANDBY, TOGETHER, *REVIEW_RULES)
KEYS = {"one_region_at_a_time": bool, "data_types": list, "allow": list}
ALLOW_KEYS = {"address": str, "stack": str, "rule": str, "reason": str, "expires": date}
REQUIRED = ("address", "reason", "expires")
KINDS = {bool: "true or false", list: "a list", str: "a text", date: "a date, such as 2027-01-31, without quotes"}
SHORTEST_REASON = 10
"""Letters: "ok" and "fix" are no reasons."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """One guarded change that may happen.

    Attributes:
        address: The resource; for `regions-together` the stack.
        stack: The stack. Empty: any.
        rule: The guard that lets it pass.
        reason: Why.
        expires: The last day on which it counts.
    """

    address: str
    stack: str = ""
    rule: str = DATA_LOSS
    reason: str
    expires: date

    def covers(self, finding: Finding) -> bool:
        """Whether it allows what was found."""
        return (
            self.rule == finding.rule
            and self.address == (finding.address or finding.stack)
            and self.stack in {"", finding.stack}
        )

    def __str__(self) -> str:
        return f"until {self.expires}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Guards:
    """What the guard file says. Absent: nothing is allowed, and regions may change together.

    Attributes:
        one_region_at_a_time: Whether no plan may change two regions of a system.
        data_types: Types that hold data, beyond those that are known.
        allowances: What may happen.
        file: The file. Empty: there is none.
    """

    one_region_at_a_time: bool = False
    data_types: frozenset[str] = frozenset()
    allowances: tuple[Allowance, ...] = ()
    file: str = ""

    def allowance(self, finding: Finding) -> Allowance | None:
        """Return what allows a finding. None: nothing."""
        return next((each for each in self.allowances if each.covers(finding)), None)


def read_guards(path: Path | None, today: date) -> Guards:
    """Read the guard file.

    Args:
        path: The file. Absent: `lifeboat-guard.toml` where the command runs, if it is there.
        today: The day on which an allowance must still count.

    Raises:
        ProblemsError: With everything that is wrong with it, expired allowances among it.
    """
    if path is None and not DEFAULT_FILE.exists():
        return Guards()
    file = path or DEFAULT_FILE
    where = str(file)
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProblemsError.one(where, f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProblemsError.one(where, f"is not TOML: {error}") from None
    problems = [*_wrong(where, "", table, KEYS), *_wrong_elements(where, table, today)]
    if problems:
        raise ProblemsError(problems)
    return Guards(
        one_region_at_a_time=table.get("one_region_at_a_time", False),
        data_types=frozenset(table.get("data_types", ())),
        allowances=tuple(Allowance(**each) for each in table.get("allow", ())),
        file=where,
    )


def _wrong(where: str, above: str, table: Mapping[str, Any], keys: Mapping[str, type]) -> Iterator[Problem]:
    for key, value in table.items():
        place = f"{above}{key}"
        if key not in keys:
            yield Problem(where=where, key=place, what="unknown key", allowed=", ".join(keys))
        elif not isinstance(value, keys[key]) or isinstance(value, datetime):
            yield Problem(
                where=where, key=place, what="has the wrong type", found=repr(value), allowed=KINDS[keys[key]]
            )


def _wrong_elements(where: str, table: Mapping[str, Any], today: date) -> Iterator[Problem]:
    types, allowances = table.get("data_types", []), table.get("allow", [])
    for number, each in enumerate(types if isinstance(types, list) else []):
        if not isinstance(each, str):
            key = f"data_types[{number}]"
            yield Problem(where=where, key=key, what="is no type", found=repr(each), allowed="a text")
    for number, each in enumerate(allowances if isinstance(allowances, list) else []):
        above = f"allow[{number}]"
        if isinstance(each, dict):
            yield from _wrong_allowance(where, above, each, today)
        else:
            yield Problem(where=where, key=above, what="is no table", found=repr(each), allowed="[[allow]]")


def _wrong_allowance(where: str, above: str, table: Mapping[str, Any], today: date) -> Iterator[Problem]:
    wrong = list(_wrong(where, f"{above}.", table, ALLOW_KEYS))
    wrong += [
        Problem(where=where, key=f"{above}.{key}", what="is missing", allowed=KINDS[ALLOW_KEYS[key]])
        for key in REQUIRED
        if key not in table
    ]
    yield from wrong
    if wrong:
        return
    rule, reason, expires = table.get("rule", DATA_LOSS), table["reason"], table["expires"]
    if rule not in RULES:
        yield Problem(where=where, key=f"{above}.rule", what="unknown rule", found=repr(rule), allowed=", ".join(RULES))
    if len(reason.strip()) < SHORTEST_REASON:
        yield Problem(
            where=where,
            key=f"{above}.reason",
            what="says too little for a reviewer",
            found=repr(reason),
            allowed=f"a sentence of at least {SHORTEST_REASON} letters",
        )
    if expires < today:
        yield Problem(
            where=where,
            key=f"{above}.expires",
            what=f"the allowance of {table['address']} has expired",
            found=str(expires),
            allowed=f"take it out, or review it again with a day from {today} on",
        )
