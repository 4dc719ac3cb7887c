"""Generated descriptions: any that the rules accept, and what people might write instead.

A description is a table as `tomllib` reads it, written back as TOML, so that tests walk the way of the real files.
"""

from __future__ import annotations

import copy
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from hypothesis import strategies as st

from deployments.failover.plan import least_rto_seconds
from deployments.load import load
from deployments.model import Deployment, NatMode, Strategy
from deployments.naming import HASH_LENGTH, LIMITS
from deployments.objectives import budget
from deployments.stages import STAGES, TomlTable
from deployments.system import System
from tests.unit.described_containers import further_tiers
from tests.unit.toml_text import toml

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2", "sa-east-1")
MOST_REGIONS = 4
LONGEST_PREFIX = min(LIMITS.values()) - HASH_LENGTH - 1
ANY_RTO = 10**6
"""Long enough for every design; replaced by what the drawn one needs."""

LETTERS, ALNUM = string.ascii_lowercase, string.ascii_lowercase + string.digits


def write(table: TomlTable, folder: Path) -> Path:
    """Write a description to a file."""
    path = folder / "generated.toml"
    path.write_text(toml(table), encoding="utf-8", newline="")
    return path


def load_table(table: TomlTable, suffix: str, folder: Path) -> System:
    """Load a table the way a file is loaded."""
    return load(write(table, folder), suffix)


def labels(longest: int) -> st.SearchStrategy[str]:
    """Draw names of one to `longest` characters: words between single hyphens, as AWS wants them."""
    words = st.text(ALNUM, min_size=1, max_size=longest)
    parts = st.lists(words, min_size=1, max_size=3).map("-".join)
    starts = st.sampled_from(LETTERS)
    return st.builds(lambda start, rest: (start + rest)[:longest].rstrip("-"), starts, parts)


def names(longest: int = 16) -> st.SearchStrategy[str]:
    """Draw what the model calls a name: two characters or more, a letter first."""
    # Parameters may not begin with these, load balancers not with the last.
    reserved = ("aws", "ssm", "internal-")
    return labels(longest).filter(lambda name: len(name) > 1 and not f"{name}-".startswith(reserved))


@st.composite
def valid_descriptions(draw: st.DrawFn) -> tuple[TomlTable, str]:
    """Draw a description that the rules accept, and a suffix that it can be built for."""
    name = draw(names())
    suffix = draw(st.text(ALNUM, min_size=1, max_size=min(20, LONGEST_PREFIX - len(name) - 1)))
    count = draw(st.integers(1, MOST_REGIONS))
    strategy = draw(st.sampled_from(get_args(Strategy))) if count > 1 else "backup-restore"
    restored = strategy == "backup-restore"
    table: TomlTable = {
        "name": name,
        "strategy": strategy,
        "protected": draw(st.booleans()),
        "domain": {"zone": "example.com", "with_suffix": draw(st.booleans())},
        "state": {"bucket_prefix": "lifeboat-state"},
        "regions": draw(region_lists(count)),
        "network": {"zones": draw(st.integers(2, 6)), "nat": draw(st.sampled_from(get_args(NatMode)))},
        "alarms": {"runbook_url": "https://runbooks.example.com/x", "emails": draw(st.sampled_from([[], ["a@b.c"]]))},
        "tables": draw(st.dictionaries(names(), tables(restored=restored), max_size=2)),
        "buckets": draw(st.dictionaries(names(), stores(900, restored=restored), max_size=2)),
    }
    optional: Mapping[str, st.SearchStrategy[TomlTable]] = {
        "database": databases(strategy, is_global=count > 1 and not restored),
        "cache": caches(),
        "audit": st.sampled_from([{}, {"retention_days": 90}, {"retention_days": 3653}]),
        "service": services(strategy, sorted(table["tables"]), sorted(table["buckets"])),
        "backup": st.builds(
            lambda days, copies: {"retention_days": days, "copy_retention_days": copies},
            st.integers(7, 400),
            st.integers(7, 400),
        ),
    }
    for tier, parts in optional.items():
        if draw(st.booleans()) or (tier == "backup" and restored):
            table[tier] = draw(parts)
    table |= draw(further_tiers(table))
    table["objectives"] = draw(objectives(table))
    table[STAGES] = draw(stages(suffix))
    return table, suffix


def region_lists(count: int) -> st.SearchStrategy[list[TomlTable]]:
    """Draw regions in any order, some with a range of their own."""
    ranges = {name: f"10.{200 + index}.0.0/16" for index, name in enumerate(REGIONS)}
    choices = [st.just({"name": name}) | st.just({"name": name, "cidr": ranges[name]}) for name in REGIONS]
    return st.permutations(choices).flatmap(lambda order: st.tuples(*order[:count]).map(list))


@st.composite
def stores(draw: st.DrawFn, least: int, *, restored: bool) -> TomlTable:
    """Draw a store with an RPO of its own or without."""
    return draw(st.just({}) | st.builds(lambda more: {"rpo_seconds": (86400 if restored else least) + more}, counts()))


@st.composite
def tables(draw: st.DrawFn, *, restored: bool) -> TomlTable:
    """Draw a table with up to three indexes."""
    keys = st.sampled_from(["pk", "sk", "customer", "at", "Ä b.c", "k" * 255])
    table = draw(stores(5, restored=restored)) | draw(key_pairs(keys))
    table["indexes"] = draw(st.dictionaries(names().filter(lambda name: len(name) > 2), key_pairs(keys), max_size=3))
    return table | draw(st.sampled_from([{}, {"expiry_attribute": "expires_at"}]))


@st.composite
def key_pairs(draw: st.DrawFn, keys: st.SearchStrategy[str]) -> TomlTable:
    """Draw a partition key, and a sort key that is another attribute or none."""
    partition = draw(keys)
    sort = draw(st.none() | keys.filter(lambda key: key != partition))
    return {"partition_key": partition} | ({"sort_key": sort} if sort else {})


@st.composite
def databases(draw: st.DrawFn, strategy: str, *, is_global: bool) -> TomlTable:
    """Draw a database that may be in a Global Database where it is to be in one."""
    table = draw(stores(20, restored=strategy == "backup-restore"))
    table["readers"] = draw(st.integers(0, 3))
    table["engine_version"] = draw(st.sampled_from(["13.12", "14.9", "15.4", "16.8", "17.7"]))
    if draw(st.booleans()):
        table["instance_class"] = draw(st.sampled_from(["db.r6g.large", "db.x2g.large"]))
    else:
        table |= {"min_acu": 0.5 if is_global else draw(st.sampled_from([0.0, 0.5])), "max_acu": 8.0}
    table |= draw(standby_numbers("standby_instances", strategy, 1 + int(table["readers"]), 16))
    return table


@st.composite
def caches(draw: st.DrawFn) -> TomlTable:
    """Draw a cache in either mode that can fail over, or is not to."""
    table: TomlTable = {"replicas": draw(st.integers(0, 5)), "engine": draw(st.sampled_from(["redis", "valkey"]))}
    if table["engine"] == "valkey":
        table["engine_version"] = draw(st.sampled_from(["7.2", "8.0"]))
    if table["replicas"] and draw(st.booleans()):
        return table | {"cluster_mode": True, "shards": draw(st.integers(1, 3))}
    return table | ({} if table["replicas"] else {"automatic_failover": False})


@st.composite
def services(draw: st.DrawFn, strategy: str, of_tables: list[str], of_buckets: list[str]) -> TomlTable:
    """Draw an application behind either way in, with a table and a bucket or without."""
    entry = draw(st.sampled_from(["alb", "rest-api"]))
    table: TomlTable = {"function": "orders", "entry": entry, "concurrency": draw(st.integers(1, 50))}
    if entry == "rest-api" and draw(st.booleans()):
        table["requests_per_second"] = draw(st.integers(1, 10000))
    for key, known in {"table": of_tables, "bucket": of_buckets}.items():
        chosen = draw(st.sampled_from([None, *known]))
        table |= {key: chosen} if chosen else {}
    return table | draw(standby_numbers("standby_concurrency", strategy, int(table["concurrency"]), 1000))


def standby_numbers(key: str, strategy: str, full: int, most: int) -> st.SearchStrategy[TomlTable]:
    """Draw a number for the standby that the strategy allows, or none."""
    least = {"backup-restore": 0, "pilot-light": 0, "warm-standby": 1, "active-active": full}[strategy]
    numbers = st.integers(least, 0 if strategy == "backup-restore" else most)
    return st.just({}) | numbers.map(lambda number: {key: number})


@st.composite
def objectives(draw: st.DrawFn, table: TomlTable) -> TomlTable:
    """Draw promises that the design keeps, down to the second."""
    decision = draw(st.integers(0, 600))
    loose = {"rto_seconds": ANY_RTO, "rpo_seconds": ANY_RTO, "decision_seconds": decision}
    spec = Deployment.model_validate(table | {"objectives": loose})
    inherited = [loss.reachable for loss in budget(spec).losses if not loss.is_own]
    return {
        "rto_seconds": least_rto_seconds(spec) + draw(counts()),
        "rpo_seconds": max(inherited, default=1) + draw(counts()),
        "decision_seconds": decision,
    }


def counts() -> st.SearchStrategy[int]:
    """Draw how far a promise lies above what can be kept; often not at all."""
    return st.just(0) | st.integers(0, 86400)


def stages(suffix: str) -> st.SearchStrategy[TomlTable]:
    """Draw stages that know the suffix: by name, by pattern, or none at all."""
    changes = st.sampled_from([{}, {"protected": True}, {"network": {"zones": 2}, "domain": {"with_suffix": False}}])
    patterns = st.sampled_from([suffix, "*", f"{suffix[0]}*"])
    return st.dictionaries(patterns, changes, max_size=2)


KNOWN_KEYS = sorted(
    {*Deployment.model_fields, "rpo_seconds", "cidr", "indexes", "partition_key", STAGES, "dev", "zone"}
)
JUNK_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8)
JUNK_KEYS = st.sampled_from([*KNOWN_KEYS, "", "²", "0", "a.b", "[key]"]) | JUNK_TEXT
JUNK_SCALARS: st.SearchStrategy[Any] = (
    JUNK_TEXT
    | st.sampled_from(["10.0.0.0/8", "10.0.0.1/8", "us-east-1", "--", "x" * 300, "², ٣"])
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.booleans()
    | st.dates()
)


def junk() -> st.SearchStrategy[Any]:
    """Draw any value that TOML can hold."""
    return st.recursive(
        JUNK_SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JUNK_KEYS, inner, max_size=3),
        max_leaves=6,
    )


def junk_tables() -> st.SearchStrategy[TomlTable]:
    """Draw any table, often with words that a description knows."""
    return st.dictionaries(JUNK_KEYS, junk(), max_size=6)


@st.composite
def mutated_descriptions(draw: st.DrawFn) -> tuple[TomlTable, str]:
    """Draw a valid description with one to three values replaced, removed or added, anywhere."""
    table, suffix = draw(valid_descriptions())
    table = copy.deepcopy(table)
    for _ in range(draw(st.integers(1, 3))):
        _mutate(draw, table)
    return table, suffix


def _mutate(draw: st.DrawFn, table: TomlTable) -> None:
    holder: Any = table
    while True:
        key = draw(st.sampled_from(_keys(holder)))
        inside = holder[key]
        if not isinstance(inside, dict | list) or not inside or draw(st.booleans()):
            break
        holder = inside
    what = draw(st.sampled_from(["replace", "remove", "add"]))
    if what == "remove":
        del holder[key]
    elif what == "add" and isinstance(holder, dict):
        holder[draw(JUNK_KEYS)] = draw(junk())
    elif what == "add":
        holder.append(draw(st.just(inside) | junk()))
    else:
        holder[key] = draw(junk())


def _keys(holder: dict[str, Any] | list[Any]) -> list[Any]:
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))
