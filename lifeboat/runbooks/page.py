"""A system's runbook as Markdown, from its description and its synthesized alarms."""

from __future__ import annotations

from collections.abc import Sequence

import jinja2

from deployments.failover.plan import EPOCH, LOCK, SWITCH, UNAWARE, has_failover, has_global_database
from deployments.system import System
from lifeboat.runbooks.advice import advice
from lifeboat.runbooks.alarms import AlarmEntry

TEMPLATE = "runbook.md.j2"
STAGE = "prod"
"""The names in a committed runbook are those of the copy that pages people."""


def render(system: System, alarms: Sequence[AlarmEntry]) -> str:
    """Return the runbook."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("lifeboat.runbooks"),
        autoescape=False,  # noqa: S701 Markdown made of names that the description has checked
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names, spec = system.names, system.spec
    return made.get_template(TEMPLATE).render(
        system=system,
        spec=spec,
        prefix=names.prefix,
        alarms=[(alarm, advice(alarm.name, spec.name)) for alarm in alarms],
        primary=system.primary.name,
        standbys=[plan.name for plan in system.standbys],
        standby=system.standbys[0].name if system.standbys else "",
        has_failover=has_failover(spec),
        has_global_database=has_global_database(spec),
        slowest=system.failover_path.seconds if system.failover_path else 0,
        switch=names.path(SWITCH),
        epoch=names.path(*EPOCH.split("/")),
        unaware=names.path(*UNAWARE.split("/")),
        lock=names.path(*LOCK.split("/")),
        machine=names.of("state machine", "failover"),
        relay=names.of("state machine", "failover-relay"),
        bus=names.of("event bus", "failover"),
        global_cluster=names.of("global cluster"),
        cluster=names.of("database cluster"),
        tables={purpose: names.of("table", purpose) for purpose in spec.tables},
        buckets={
            purpose: [names.bucket(purpose, plan.name, "<account>") for plan in system.regions]
            for purpose in spec.buckets
        },
        stacks=[names.stack(plan.name) for plan in system.regions] + [names.stack("global")],
        states={names.stack(plan.name): f"{spec.state.bucket_prefix}-{plan.name}" for plan in system.regions},
    )
