"""`python -m lifeboat.failover.docs`: draw the state machines into `docs/failover.md`."""

from __future__ import annotations

import re
from pathlib import Path

from deployments.failover.machine import machine
from deployments.failover.picture import picture
from deployments.failover.plan import Refs, facts_of
from deployments.failover.relay import relay
from deployments.load import FOLDER, load

PAGE = Path(__file__).parents[2] / "docs" / "failover.md"
DRAWN = re.compile(r"(?P<before><!-- drawn: (?P<what>\w+) -->\n).*?(?P<after><!-- end -->)", re.DOTALL)


def drawings() -> dict[str, str]:
    """Draw the machines of the web shop's standby."""
    system = load(FOLDER / "ecommerce.toml", "dev")
    region = system.standbys[0].name
    facts = facts_of(system.spec, system.names, region, Refs(cluster_arn="own cluster", topic_arn="topic"))
    return {"failover": picture(machine(facts)), "relay": picture(relay(facts))}


def redrawn(text: str) -> str:
    """Return a page with its drawings as the machines are now."""
    drawn = drawings()
    return DRAWN.sub(
        lambda found: f"{found['before']}```mermaid\n{drawn[found['what']]}```\n{found['after']}",
        text,
    )


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
