"""The report as one self-contained page: no script, nothing loaded, light and dark, works from a file."""

from __future__ import annotations

from pathlib import Path

import jinja2

from lifeboat.report.model import SYMBOLS, WORDS, Action, Report, ranked
from lifeboat.report.outline import forces, ordered, remark, summary, symbol, tags, value
from lifeboat.report.picture import picture
from lifeboat.report.text import short, visible

FOLDER = Path(__file__).parent / "templates"
TEMPLATE = "report.html.j2"
LONGEST_VALUE = 4000


def render(report: Report) -> str:
    """Return the report as an HTML page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda each: visible(each, lines=True) if type(each) is str else each,
    )
    environment.filters |= {
        "tags": tags,
        "symbol": symbol,
        "shown": lambda side: short(value(side), LONGEST_VALUE),
        "forces": forces,
        "ordered": ordered,
        "remark": remark,
    }
    return environment.get_template(TEMPLATE).render(
        report=report,
        findings=ranked(report.findings),
        picture=picture(report),
        summary=lambda section: summary(report.kind, section),
        legend=[
            (SYMBOLS[action], str(action), WORDS[report.kind][action]) for action in Action if report.counts[action]
        ],
        exit_name=report.exit_code.name.lower(),
    )
