"""No gap without a check, and no check without a gap."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from pathlib import Path

from lifeboat.local.embedded.gaps import all_gaps
from tests.lifeboat import embedded


def checked() -> Counter[str]:
    """Return the names in the `CHECKS` of every module beside this one."""
    modules = (
        importlib.import_module(f"{embedded.__name__}.{m.name}") for m in pkgutil.iter_modules(embedded.__path__)
    )
    return Counter(name for module in modules for name in getattr(module, "CHECKS", {}))


def test_every_gap_has_exactly_one_check() -> None:
    assert checked() == Counter(gap.name for gap in all_gaps())


def test_a_gap_says_what_is_missing_and_why_it_matters_in_one_sentence_each() -> None:
    sentences = [sentence for gap in all_gaps() for sentence in (gap.missing, gap.matters)]
    assert [s for s in sentences if not s.endswith(".") or s.count(". ") or not s[0].isupper()] == []


def test_every_gap_is_in_the_documentation_as_it_is_in_the_code() -> None:
    told = (Path(__file__).parents[3] / "docs" / "embedded-aws.md").read_text(encoding="utf-8").splitlines()
    listed = [line for line in told if line.startswith("| `") and "/lifeboat/" not in line]
    assert listed == [f"| `{gap.name}` | {gap.missing} | {gap.matters} |" for gap in all_gaps()]
