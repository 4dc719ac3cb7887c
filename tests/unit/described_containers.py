"""Generated containers, files, rotations and firewalls, for descriptions that the rules accept."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from deployments.containers import FARGATE_MEMORY, memory_of
from deployments.protection import ManagedGroup
from deployments.stages import TomlTable

DAY = 86400


@st.composite
def further_tiers(draw: st.DrawFn, table: TomlTable) -> TomlTable:
    """Draw what may stand beside the tiers that were drawn already."""
    found: TomlTable = {}
    strategy, standbys = str(table["strategy"]), len(table["regions"]) - 1
    if "service" not in table and draw(st.booleans()):
        found |= {"registry": draw(registries()), "container": draw(containers(strategy))}
    if standbys <= 1 and strategy != "active-active" and draw(st.booleans()):
        found["file_system"] = draw(file_systems(restored=strategy == "backup-restore"))
        if "container" in found:
            found["container"]["mount_path"] = "/srv/shared"
    if "database" in table and draw(st.booleans()):
        found["rotation"] = {"days": draw(st.integers(2, 365)), "grace_seconds": DAY}
    if draw(st.booleans()):
        found["firewall"] = draw(firewalls())
    return found


@st.composite
def containers(draw: st.DrawFn, strategy: str) -> TomlTable:
    """Draw containers of a size that Fargate has, and numbers of tasks that the strategy allows."""
    cpu = draw(st.sampled_from(sorted(FARGATE_MEMORY)))
    least = draw(st.integers(1, 20))
    table: TomlTable = {
        "image": "sha256:" + draw(st.sampled_from("0af")) * 64,
        "cpu": cpu,
        "memory_mb": draw(st.sampled_from(memory_of(cpu))),
        "min_tasks": least,
        "max_tasks": least + draw(st.integers(0, 20)),
        "protocol": draw(st.sampled_from(["HTTP", "HTTPS"])),
        "architecture": draw(st.sampled_from(["arm64", "x86_64"])),
    }
    fewest = {"backup-restore": 0, "pilot-light": 0, "warm-standby": 1, "active-active": least}[strategy]
    most = 0 if strategy == "backup-restore" else int(table["max_tasks"])
    return table | draw(st.just({}) | st.integers(fewest, most).map(lambda number: {"standby_tasks": number}))


def registries() -> st.SearchStrategy[TomlTable]:
    """Draw how many images stay."""
    return st.integers(5, 1000).map(lambda number: {"keep_images": number})


def file_systems(*, restored: bool) -> st.SearchStrategy[TomlTable]:
    """Draw a file system with an RPO that can be kept."""
    return st.sampled_from([1, 30, 365]).map(
        lambda days: {"rpo_seconds": DAY if restored else 900, "cold_after_days": days}
    )


@st.composite
def firewalls(draw: st.DrawFn) -> TomlTable:
    """Draw a firewall, with exceptions of the groups that it asks."""
    groups = draw(st.lists(st.sampled_from(get_args(ManagedGroup)), min_size=1, max_size=4, unique=True))
    excepted = draw(st.lists(st.sampled_from(groups), max_size=2, unique=True))
    overrides = {group: {"SomeRule_BODY": "clients send what it blocks"} for group in excepted}
    return {"groups": groups, "overrides": overrides, "requests_per_five_minutes": draw(st.integers(10, 10**6))}
