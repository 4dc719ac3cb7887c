"""`python -m lifeboat.failover.docs`: draw the state machines into `docs/failover.md`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from deployments.failover.files import file_system
from deployments.failover.machine import machine
from deployments.failover.picture import picture
from deployments.failover.plan import Refs, facts_of
from deployments.failover.relay import relay
from deployments.failover.scale import container
from deployments.failover.states import branch, together
from deployments.load import FOLDER, load

PAGE = Path(__file__).parents[2] / "docs" / "failover.md"
DRAWN = re.compile(r"(?P<before><!-- drawn: (?P<what>\w+) -->\n).*?(?P<after><!-- end -->)", re.DOTALL)


def drawings() -> dict[str, str]:
    """Draw the machines of the web shop's standby, and what containers and files add."""
    system = load(FOLDER / "ecommerce.toml", "dev")
    region = system.standbys[0].name
    facts = facts_of(system.spec, system.names, region, Refs(cluster_arn="own cluster", topic_arn="topic"))
    return {"failover": picture(machine(facts)), "relay": picture(relay(facts)), "tiers": picture(_tiers())}


def _tiers() -> dict[str, Any]:
    """Return what the machine of a system of containers and files does beside the rest."""
    system = load(FOLDER / "globecart.toml", "dev")
    refs = Refs(cluster_arn="own cluster", topic_arn="topic", scaling_arn="own target", file_system_id="own files")
    facts = facts_of(system.spec, system.names, system.standbys[0].name, refs)
    both = [each for each in (container(facts), file_system(facts)) if each]
    return branch("Recover", {"Recover": together(both, comment="Side by side", then=None)})


def redrawn(text: str) -> str:
    """Return a page with its drawings as the machines are now."""
    drawn = drawings()
    return DRAWN.sub(
        lambda found: f"{found['before']}```mermaid\n{drawn[found['what']]}```\n{found['after']}",
        text,
    )


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
