"""Descriptions that tests build from: the stages of the real file, and what other files could say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deployments.addressing import plan_vpcs
from deployments.load import FOLDER, load, read
from deployments.rules import check
from deployments.stages import STAGES, TomlTable, overlay
from deployments.system import System, build_system
from deployments.validation import validate

ECOMMERCE, HEALTHCARE = FOLDER / "ecommerce.toml", FOLDER / "healthcare.toml"
EDGE, GLOBECART = FOLDER / "edge.toml", FOLDER / "globecart.toml"
FILES = {"globecart": GLOBECART, "healthcare": HEALTHCARE}
"""Systems whose variants are called `<system>-<suffix>`."""

EVERY_SYSTEM = ("dev", "prod", "three-regions", "healthcare-dev", "globecart-dev", "edge", "edge-prod")
"""Variants that together hold every kind of resource, for what must hold everywhere."""

STAGES_OF_THE_FILE = {"dev": "dev", "pr123": "pr123", "prod": "prod"}
"""Suffix by the name that tests use."""

HOURLY = {
    "objectives": {"rto_seconds": 86400, "rpo_seconds": 3600},
    "buckets": {"assets": {"rpo_seconds": 3600}},
    "backup": {"every_hours": 1},
    "strategy": "backup-restore",
}
THREE_REGIONS = [{"name": "eu-west-1"}, {"name": "eu-central-1"}, {"name": "eu-north-1"}]

VARIANTS: dict[str, TomlTable] = {
    "pilot-light": {"strategy": "pilot-light", "objectives": {"rto_seconds": 1800}},
    "active-active": {"strategy": "active-active"},
    "backup-restore": HOURLY,
    "one-region": {**HOURLY, "regions": [{"name": "eu-west-1"}]},
    "three-regions": {"regions": THREE_REGIONS},
    "six-regions": {"regions": [*THREE_REGIONS, {"name": "eu-west-2"}, {"name": "eu-west-3"}, {"name": "eu-south-1"}]},
    "nat-per-zone": {"network": {"nat": "per-zone"}},
    "nat-single": {"network": {"nat": "single"}},
    "provisioned": {"database": {"instance_class": "db.r6g.large"}},
    "expiring": {"tables": {"orders": {"expiry_attribute": "expires_at"}}},
    "roomy-database": {"database": {"rpo_seconds": 120}},
    "cache": {"cache": {"replicas": 2}},
    "cache-cluster": {"cache": {"cluster_mode": True, "shards": 3}},
}
"""Changes to the file's dev stage, by the name that tests use."""

EDGE_STAGES = {"edge": "dev", "edge-prod": "prod"}
"""Stages of the system that delivers from the edge, by the name that tests use."""

EDGE_VARIANTS: dict[str, TomlTable] = {
    "edge-three": {"regions": [{"name": "us-west-2"}, {"name": "us-east-1"}, {"name": "eu-west-1"}]},
    "edge-bare": {
        "regions": [{"name": "eu-west-1"}, {"name": "eu-central-1"}],
        "distribution": {"buckets": ["content"], "error_pages": {}, "variants": {}},
    },
}
"""Changes to that system's file."""

EDGE_CODE = ("viewer_request", "origin_request", "path_function", "content_security_policy")
"""What a distribution may do without."""

BARE = ("database", "tables", "buckets", "service", "backup")
"""The tiers that a description may leave out."""


def described(changes: TomlTable | None = None, *, without: Sequence[str] = ()) -> TomlTable:
    """Return the file's base with changes laid over it."""
    base = {key: value for key, value in read(ECOMMERCE).items() if key != STAGES}
    table = overlay(base, changes or {})
    return {key: value for key, value in table.items() if key not in without}


def system(changes: TomlTable | None = None, *, suffix: str = "dev", without: Sequence[str] = ()) -> System:
    """Build the system of a changed description, which must be free of problems."""
    spec, problems = validate(described(changes, without=without))
    assert spec is not None, problems
    assert [*problems, *check(spec), *plan_vpcs(spec.regions, spec.network)[1]] == []
    return build_system(spec, suffix)


def edge_system(changes: TomlTable, *, bare: bool = False) -> System:
    """Build the system that delivers from the edge with changes; bare: without code, firewall and service."""
    base = {key: value for key, value in read(EDGE).items() if key != STAGES}
    table = overlay(base, changes)
    if bare:
        kept = {**base["distribution"], **changes["distribution"], "error_pages": {}, "variants": {}}
        table["distribution"] = {key: value for key, value in kept.items() if key not in EDGE_CODE}
        table = {key: value for key, value in table.items() if key not in {"firewall", "service"}}
    spec, problems = validate(table)
    assert spec is not None, problems
    assert [*problems, *check(spec), *plan_vpcs(spec.regions, spec.network)[1]] == []
    return build_system(spec, "dev")


def variant(name: str) -> System:
    """Return a variant by its name: a stage of the real file, one of `VARIANTS`, or `bare`."""
    file, _, suffix = name.partition("-")
    if file in FILES:
        return load(FILES[file], suffix)
    if name in STAGES_OF_THE_FILE:
        return load(ECOMMERCE, STAGES_OF_THE_FILE[name])
    if name in EDGE_STAGES:
        return load(EDGE, EDGE_STAGES[name])
    if name in EDGE_VARIANTS:
        return edge_system(EDGE_VARIANTS[name], bare=name == "edge-bare")
    if name == "bare":
        return system(without=BARE)
    return system(VARIANTS[name])


def only(items: Sequence[Any]) -> Any:  # noqa: ANN401 whatever the sequence holds
    """Return the single item of a sequence."""
    assert len(items) == 1, items
    return items[0]
