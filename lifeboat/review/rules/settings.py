"""Arguments that only go one way without somebody asking why: encryption, logging, public access, protection, capacity.

Each row is one argument of one or several types; what the types cannot know is said by the rule's advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lifeboat.review.comparison import Comparison, What
from lifeboat.review.differences import ABSENT, Difference
from lifeboat.review.rules.rule import Found, arrow, is_true, leaves, number

Check = Callable[[Difference], bool]


def off(each: Difference) -> bool:
    """Whether something was switched off; absent means off."""
    return is_true(each.before) and not is_true(each.after)


def on(each: Difference) -> bool:
    """Whether something was switched on; absent means off."""
    return is_true(each.after) and not is_true(each.before)


def off_unless_absent(each: Difference) -> bool:
    """Whether something was switched off that is on where nothing is said."""
    return not is_true(each.after) and each.after is not ABSENT and (is_true(each.before) or each.before is ABSENT)


def less(each: Difference) -> bool:
    """Whether a number became smaller, or is no longer given."""
    before, after = number(each.before), number(each.after)
    return before is not None and (each.after is ABSENT or (after is not None and after < before))


def more(each: Difference) -> bool:
    """Whether a number became larger."""
    before, after = number(each.before), number(each.after)
    return before is not None and after is not None and after > before


def shorter(each: Difference) -> bool:
    """Whether something is kept for a shorter time; 0 and absent mean for ever."""
    before, after = number(each.before) or 0, number(each.after)
    return after is not None and after > 0 and (before == 0 or after < before)


def gone(each: Difference) -> bool:
    """Whether a value was given and no longer is."""
    return each.before not in (ABSENT, None, "") and each.after in (ABSENT, None, "")


def left(wanted: str) -> Check:
    """Make the check whether a value that matched a pattern no longer does."""

    def check(each: Difference) -> bool:
        had = isinstance(each.before, str) and re.fullmatch(wanted, each.before)
        return bool(had) and not (isinstance(each.after, str) and re.fullmatch(wanted, each.after))

    return check


def older_tls(each: Difference) -> bool:
    """Whether older versions of TLS are accepted."""
    before, after = _tls(each.before), _tls(each.after)
    return before is not None and (after or 0) < before


def _tls(policy: object) -> int | None:
    """Return the oldest version that a policy accepts, as in `ELBSecurityPolicy-TLS13-1-2-2021-06`, `TLSv1.2_2021`.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    """
    if not isinstance(policy, str):
        return None
    found = re.search(r"TLS(?:13)?-1-(\d)|TLSv1\.(\d)|TLS_1_(\d)|^TLSv1_?(\d{4})?$", policy)
    if found is None:
        return 0
    return int(next((each for each in found.groups()[:3] if each), "0"))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One argument, and the direction in which it weakens.

    Attributes:
        types: Pattern of the types.
        argument: Pattern of the dotted path.
        check: Whether a difference is the weakening one.
        title: What it means.
        also_new: Whether a new resource that begins so is told as well.
    """

    types: str
    argument: str
    check: Check
    title: str
    also_new: bool = False


def finder(*settings: Setting) -> Callable[[Comparison], Iterator[Found]]:
    """Make what looks for a group of settings."""

    def find(comparison: Comparison) -> Iterator[Found]:
        for stack, change in comparison.changes:
            mine = [each for each in settings if re.fullmatch(each.types, change.block.type)]
            if change.what is What.ADDED:
                mine = [each for each in mine if each.also_new]
            for difference in leaves(change) if mine else ():
                for setting in mine:
                    if re.fullmatch(setting.argument, difference.argument) and setting.check(difference):
                        evidence = f"{difference.place}: {arrow(difference.before, difference.after)}"
                        yield Found(title=setting.title, evidence=evidence, stack=stack, change=change)
                        break

    return find
