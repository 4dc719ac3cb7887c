"""The report of a drill as one self-contained page: no script, nothing loaded, light and dark, works from a file."""

from __future__ import annotations

from collections.abc import Sequence

import jinja2

from lifeboat.drill.direct import Evidence
from lifeboat.drill.evidence import Point
from lifeboat.drill.figures import figures, headline, seconds
from lifeboat.drill.timeline import timeline
from lifeboat.drill.trend import chart

TEMPLATE = "drill.html.j2"


def environment(*, html: bool) -> jinja2.Environment:
    """Return what renders the templates of drills."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("lifeboat.drill"),
        autoescape=html,  # noqa: S701 Markdown is escaped cell by cell
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"seconds": seconds}
    return made


def render(evidence: Evidence, history: Sequence[Point]) -> str:
    """Return the page.

    Args:
        evidence: The drill.
        history: What the drills of this system measured, this one included, oldest first.
    """
    return (
        environment(html=True)
        .get_template(TEMPLATE)
        .render(
            evidence=evidence,
            acts=[(act, timeline(act), figures(act, evidence)) for act in evidence.acts],
            headline=headline(evidence),
            trend=chart(history, evidence.rto_seconds),
        )
    )
