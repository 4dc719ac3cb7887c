"""The findings as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

What GitHub reads of it: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lifeboat.report.model import Finding, Report, Severity, ranked
from lifeboat.report.text import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.GUARDED: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
MOST_RESULTS = 5000
"""GitHub shows no more per run; the gravest come first."""
DEFAULT_FILE = "cdktf.json"
"""GitHub wants every result in a file; a finding that concerns none is shown at the project's."""


def render(report: Report) -> str:
    """Return the findings as SARIF."""
    findings = ranked(report.findings)[:MOST_RESULTS]
    rules = sorted({finding.rule for finding in findings})
    run = {
        "tool": {"driver": {"name": "lifeboat", "rules": [_rule(rule, findings) for rule in rules]}},
        "automationDetails": {"id": f"lifeboat-{report.kind}/"},
        "results": [_result(report, finding, rules.index(finding.rule)) for finding in findings],
        "properties": {"verdict": visible(report.verdict)},
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: str, findings: list[Finding]) -> dict[str, Any]:
    first = next(finding for finding in findings if finding.rule == rule)
    return {
        "id": rule,
        "shortDescription": {"text": rule.replace("-", " ")},
        "help": {"text": visible(first.advice) or "See the report."},
        "defaultConfiguration": {"level": LEVELS.get(first.severity, "note")},
    }


def _result(report: Report, finding: Finding, index: int) -> dict[str, Any]:
    text = ". ".join(part for part in (finding.title, finding.evidence, finding.advice) if part)
    name = finding.construct_path or finding.address or finding.stack
    same = "\0".join((report.kind, finding.rule, finding.stack, finding.address))
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS.get(finding.severity, "note"),
        "message": {"text": visible(text)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": finding.file or DEFAULT_FILE},
                    "region": {"startLine": 1},
                },
                **({"logicalLocations": [{"fullyQualifiedName": visible(name), "kind": "resource"}]} if name else {}),
            }
        ],
        "partialFingerprints": {"lifeboat/v1": hashlib.sha256(same.encode()).hexdigest()},
    }
    if finding.allowed:
        result["suppressions"] = [{"kind": "external", "justification": visible(finding.allowed)}]
    return result
