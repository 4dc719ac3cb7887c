"""The report of a drill as Markdown, for pull requests and wikis."""

from __future__ import annotations

from collections.abc import Sequence

from lifeboat.drill.direct import Evidence
from lifeboat.drill.evidence import Point
from lifeboat.drill.figures import figures, headline
from lifeboat.drill.html import environment

TEMPLATE = "drill.md.j2"


def cell(text: object) -> str:
    """Return a text that a table cannot be broken by."""
    return " ".join(str(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").split())


def render(evidence: Evidence, history: Sequence[Point]) -> str:
    """Return the page; see `html.render`."""
    made = environment(html=False)
    made.filters["cell"] = cell
    return made.get_template(TEMPLATE).render(
        evidence=evidence,
        acts=[(act, figures(act, evidence)) for act in evidence.acts],
        headline=headline(evidence),
        history=history,
    )
