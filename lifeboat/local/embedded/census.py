"""What exists right now in the embedded AWS, found without knowing any service: to prove that a destroy left nothing.

Every backend of every service, region and account is compared with a fresh one of the same class. Whatever sits in a
container of the one and not of the other exists, unless `NOT_A_RESOURCE` or `is_default` says why it does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from moto.core.base_backend import BackendDict, BaseBackend

from lifeboat.local.embedded.postgres.fleet import FLEET

# (service, attribute of its backend) -> why what it holds is not a resource. `*` stands for every service.
NOT_A_RESOURCE: Mapping[tuple[str, str], str] = {
    ("*", "tagger"): "tags of other things",
    ("*", "resource_tags"): "tags of other things",
    ("*", "tags"): "tags of other things",
    ("acm", "idempotency_tokens"): "to recognise a repeated request",
    ("apigateway", "account"): "the settings of the account",
    ("ec2", "default_vpc"): "listed among the VPCs",
    ("backup", "backup_jobs"): "history; AWS keeps it for 30 days",
    ("backup", "copy_jobs"): "history; AWS keeps it for 30 days",
    ("backup", "restore_jobs"): "history; AWS keeps it for 30 days",
    ("backup", "restore_tokens"): "to recognise a repeated request",
    ("cloudtrail", "events"): "call log",
    ("cloudwatch", "metric_data"): "measurements",
    ("cloudwatch", "aws_metric_data"): "measurements",
    ("cloudwatch", "past_transitions"): "history",
    ("dynamodb", "item_cache"): "bookkeeping",
    ("ec2", "filters_for_ip_permission"): "how to filter",
    ("ec2", "tags_by_resource"): "tags of other things",
    ("ec2", "instance_types"): "what AWS offers",
    ("ec2", "amis"): "images that AWS and its sellers offer",
    ("ec2", "zones"): "what AWS offers",
    ("ec2", "deleted_fleets"): "history",
    ("ecr", "replication_config"): "the settings of the account",
    ("events", "event_logs"): "history",
    ("iam", "access_key_last_used"): "call log",
    ("kms", "key_to_aliases"): "index of another container",
    ("logs", "queries"): "history of queries that were run",
    ("moto_api", "deleted_resources"): "history",
    ("rds", "events"): "history",
    ("rds", "resource_map"): "index of other containers",
    ("s3", "notifications"): "history",
    ("sns", "sent_messages"): "messages, not resources",
    ("sns", "sms_messages"): "messages, not resources",
    ("sns", "platform_endpoint_messages"): "messages, not resources",
    ("ses", "sent_messages"): "messages, not resources",
    ("ssm", "executions"): "history",
    ("stepfunctions", "executions"): "history of machines that are listed themselves",
}

# Attributes that mark the default VPC and its subnets.
DEFAULT_MARKS = ("is_default", "default_for_az")


def in_default_vpc(thing: object) -> bool:
    """Tell whether something lies in the VPC that AWS makes for every account."""
    backend = getattr(thing, "ec2_backend", None)
    vpc = getattr(backend, "default_vpc", None)
    return vpc is not None and getattr(thing, "vpc_id", None) == vpc.id


# (service, container) -> what does not count there: what AWS makes for every account, under a new random id in every
# backend, and what is kept of a thing that is gone.
DOES_NOT_COUNT: Mapping[tuple[str, str], Callable[[object], bool]] = {
    ("ec2", "managed_prefix_lists"): lambda thing: getattr(thing, "owner_id", "") == "AWS",
    ("ec2", "snapshots"): lambda thing: "for AMI" in str(getattr(thing, "description", "")),
    ("ec2", "network_acls"): lambda thing: (
        in_default_vpc(thing) and str(getattr(thing, "default", "")).lower() == "true"
    ),
    ("ec2", "route_tables"): lambda thing: in_default_vpc(thing) and bool(getattr(thing, "main_association_id", "")),
    # AWS's own keys, made when a service first needs them, and never deleted.
    ("kms", "keys"): lambda thing: str(getattr(thing, "description", "")).startswith("Default "),
    # RDS makes the default groups of an engine when it is first used, and keeps them.
    ("rds", "db_parameter_groups"): lambda thing: str(getattr(thing, "name", "")).startswith("default."),
    ("rds", "option_groups"): lambda thing: str(getattr(thing, "name", "")).startswith("default:"),
    # Without versions it only keeps the number of the next one.
    ("lambda", "layers.layers"): lambda thing: not getattr(thing, "layer_versions", True),
    # Those that were not asked for have no id.
    ("route53", "delegation_sets"): lambda thing: not getattr(thing, "id", None),
    ("ec2", "groups"): lambda thing: in_default_vpc(thing) and getattr(thing, "name", "") == "default",
}

# States in which AWS still lists a thing that is as good as gone.
GONE = {"PendingDeletion", "delete-complete", "deleted", "deleting", "DELETED", "DELETING", "terminated", "INACTIVE"}

STATE_ATTRIBUTES = ("key_state", "state", "status")

# An object without any of these is named by its place in the container.
ID_ATTRIBUTES = ("arn", "id", "name")


@dataclass(frozen=True, kw_only=True, order=True)
class Thing:
    """One thing that exists.

    Attributes:
        service: Name of the service, such as `s3`.
        region: Region, or `aws` for a global service.
        kind: The container that holds it, such as `buckets`.
        id: Its key there.
    """

    service: str
    region: str
    kind: str
    id: str


def census() -> list[Thing]:
    """Return everything that exists, in every account, sorted."""
    found: set[Thing] = set()
    for service in list(BackendDict._instances):  # noqa: SLF001 - moto's only list of what is in use
        for account, region, backend in list(service.iter_backends()):
            if isinstance(backend, BaseBackend) and service.service_name != "moto_api":
                found.update(leftovers(service.service_name, account, region, backend))
    return sorted(found | servers())


def servers() -> set[Thing]:
    """Return the database servers that run: they must end with what they belong to."""
    return {Thing(service="rds", region=one.region, kind="servers", id=f"{one.name}/{one.key}") for one in FLEET.all}


def leftovers(service: str, account: str, region: str, backend: BaseBackend) -> Iterator[Thing]:
    """Yield what one backend holds and a fresh one does not."""
    fresh = pristine(service, type(backend), region, account)  # type: ignore[arg-type] # moto publishes no types
    for kind, container in holders(service, backend):
        known = fresh.get(kind, frozenset())
        by_aws = DOES_NOT_COUNT.get((service, kind), is_default)
        for key, thing in walk(container):
            if key not in known and not is_default(thing) and not by_aws(thing) and not is_gone(thing):
                yield Thing(service=service, region=region, kind=kind, id=key)


@cache
def pristine(service: str, kind: type[BaseBackend], region: str, account: str) -> Mapping[str, frozenset[str]]:
    """Return the keys in the containers of a backend that nobody has used."""
    fresh = kind(region, account)
    return {name: frozenset(key for key, _ in walk(held)) for name, held in holders(service, fresh)}


def holders(service: str, backend: BaseBackend) -> Iterator[tuple[str, object]]:
    """Yield the containers of a backend by the names of their attributes, one level of helper objects included."""
    for attribute, value in vars(backend).items():
        name = attribute.lstrip("_")
        if not counts(service, name):
            continue
        if isinstance(value, Mapping | list | AbstractSet):
            yield name, value
        elif type(value).__module__.startswith("moto.") and not isinstance(value, BaseBackend):
            for inner, held in vars(value).items():
                if isinstance(held, Mapping) and counts(service, inner.lstrip("_")):
                    yield f"{name}.{inner.lstrip('_')}", held


def counts(service: str, name: str) -> bool:
    """Tell whether a container may hold resources."""
    return {("*", name), (service, name)}.isdisjoint(NOT_A_RESOURCE)


def walk(container: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield key and value of everything in a container, containers inside it opened."""
    if isinstance(container, Mapping):
        items = [(str(key), value) for key, value in list(container.items())]
    elif isinstance(container, list | AbstractSet):
        items = [(name_of(value, place), value) for place, value in enumerate(list(container))]
    else:
        return
    for key, value in items:
        path = f"{prefix}/{key}" if prefix else key
        if isinstance(value, Mapping) and all(not isinstance(v, str | int | None) for v in value.values()):
            yield from walk(value, path)
        elif value is not None and not (isinstance(value, str | list | dict | set) and not value):
            yield path, value


def name_of(thing: object, place: int) -> str:
    """Return the name of something in a list."""
    if isinstance(thing, str):
        return thing
    names = (getattr(thing, attribute, None) for attribute in ID_ATTRIBUTES)
    return next((name for name in names if isinstance(name, str)), f"#{place}")


def is_default(thing: object) -> bool:
    """Tell whether a thing is marked as one that AWS makes for every account."""
    return any(str(getattr(thing, mark, "")).lower() == "true" for mark in DEFAULT_MARKS)


def is_gone(thing: object) -> bool:
    """Tell whether a thing only waits for its end."""
    states = (getattr(thing, attribute, None) for attribute in STATE_ATTRIBUTES)
    return any(isinstance(state, str) and state in GONE for state in states)
