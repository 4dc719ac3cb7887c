"""The evidence written down: for people, for machines, and for the auditor's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from lifeboat.evidence.rule import Finding, Verdict

STANDARD = "PCI DSS v4.0.1"
MARKS = {"kept": "kept", "not kept": "NOT KEPT", "does not apply": "does not apply"}
LISTED = 5
"""Resources that keep a rule are shown up to this number in text; those that break one are shown all."""


def as_text(name: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines for a terminal."""
    yield f"{name}: {STANDARD}, from the synthesized configuration"
    for verdict in verdicts:
        rule = verdict.rule
        yield ""
        yield f"{MARKS[verdict.outcome]:<9} {rule.name} ({', '.join(rule.requirements)})"
        yield f"          {rule.promise}"
        broken = [each for each in verdict.findings if not each.is_kept]
        kept = [each for each in verdict.findings if each.is_kept]
        yield from (f"    not kept  {each.address}: {each.why}" for each in broken)
        yield from (f"    {each.address}: {each.why}" for each in kept[:LISTED])
        if len(kept) > LISTED:
            yield f"    and {len(kept) - LISTED} more; --format json lists them all"
    yield ""
    yield summary(verdicts)


def as_json(name: str, verdicts: Sequence[Verdict]) -> str:
    """Write everything that was found, for machines."""
    rules = [
        {
            "name": verdict.rule.name,
            "requirements": list(verdict.rule.requirements),
            "promise": verdict.rule.promise,
            "outcome": verdict.outcome,
            "resources": [_entry(each) for each in verdict.findings],
        }
        for verdict in verdicts
    ]
    kept = not broken_rules(verdicts)
    return json.dumps({"system": name, "standard": STANDARD, "kept": kept, "rules": rules}, indent=2)


def as_markdown(name: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines of a document: a table of rules, then the resources of each."""
    yield f"# {name}: evidence for {STANDARD}"
    yield ""
    yield f"{summary(verdicts)}. Read from the synthesized configuration: what is deployed, not how it is used."
    yield ""
    yield "| Rule | Requirements | Promise | Outcome | Resources |"
    yield "|---|---|---|---|---|"
    for verdict in verdicts:
        rule, outcome = verdict.rule, MARKS[verdict.outcome]
        requirements = ", ".join(rule.requirements)
        yield f"| {rule.name} | {requirements} | {rule.promise} | {outcome} | {len(verdict.findings)} |"
    for verdict in verdicts:
        yield ""
        yield f"## {verdict.rule.name}"
        yield ""
        for each in sorted(verdict.findings, key=lambda found: found.is_kept):
            mark = "" if each.is_kept else "**not kept** "
            yield f"- {mark}`{each.address}`: {each.why}"
        if not verdict.findings:
            yield "Nothing that this rule is about."


def summary(verdicts: Sequence[Verdict]) -> str:
    """Say how many rules are kept."""
    applying = [each for each in verdicts if each.findings]
    kept = [each for each in applying if each.outcome == "kept"]
    return f"{len(kept)} of {len(applying)} rules kept, {len(verdicts) - len(applying)} do not apply"


def broken_rules(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the rules that are not kept."""
    return [each for each in verdicts if each.outcome == "not kept"]


def complaints(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line for each resource that breaks a rule."""
    for verdict in broken_rules(verdicts):
        for each in verdict.findings:
            if not each.is_kept:
                yield f"{verdict.rule.name}: {each.address}: {each.why}"


def _entry(each: Finding) -> dict[str, object]:
    return {"address": each.address, "kept": each.is_kept, "why": each.why}
