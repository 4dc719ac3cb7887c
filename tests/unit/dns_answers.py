"""What Route 53 would answer, worked out from the synthesized records and health checks."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from tests.unit.synthesized import Resource, Synthesized

NOBODY: frozenset[str] = frozenset()


def names(deployed: Synthesized) -> list[str]:
    """Return the regions in priority order."""
    return [plan.name for plan in deployed.system.regions]


def health_checks(deployed: Synthesized, healthy: AbstractSet[str], heirs: AbstractSet[str]) -> dict[str, bool]:
    """Return what each check says, by how it is referred to.

    Args:
        deployed: The system.
        healthy: Regions that answer well.
        heirs: Regions that say, if they answer, that they replaced one which has not heard of it.
    """
    places = {deployed.system.regional_hostname(name): name for name in names(deployed)}
    found = deployed.world.all("aws_route53_health_check")
    checks: dict[str, bool] = {}
    for each in (each for each in found if "fqdn" in each):
        says_so = healthy & heirs if "search_string" in each else healthy
        checks[f"{each.path}.id"] = (places[each["fqdn"]] in says_so) ^ each.get("invert_healthcheck", False)
    for each in (each for each in found if each["type"] == "CALCULATED"):
        good = sum(checks[child] for child in each["child_healthchecks"])
        checks[f"{each.path}.id"] = good >= each["child_health_threshold"]
    return checks


def answer(deployed: Synthesized, name: str, healthy: AbstractSet[str], heirs: AbstractSet[str] = NOBODY) -> str | None:
    """Answer a name as Route 53 does: the primary record while its check passes, else the secondary."""
    checks = health_checks(deployed, healthy, heirs)
    records: dict[str, Resource] = {
        record["failover_routing_policy"]["type"]: record
        for record in deployed.world.all("aws_route53_record")
        if record["name"] == name
    }
    for role in ("PRIMARY", "SECONDARY"):
        if checks[records[role]["health_check_id"]]:
            target: str = records[role]["alias"]["name"]
            region = target.partition(":")[0]
            return region if region in names(deployed) else answer(deployed, target, healthy, heirs)
    return None
