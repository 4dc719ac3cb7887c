"""Why something happens to a resource, in words, and which arguments truly force a replacement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Raw

from lifeboat.plan.format import ResourceChange, attributes, decode, marks
from lifeboat.report.values import joined

REASONS = {
    "replace_because_tainted": "it is tainted: an earlier apply did not finish creating it",
    "replace_by_request": "its replacement was asked for (-replace)",
    "replace_by_triggers": "what its replace_triggered_by names changes",
    "delete_because_no_resource_config": "it is no longer in the configuration",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_wrong_repetition": "count or for_each was added to or taken from it",
    "delete_because_count_index": "count is now smaller than its index",
    "delete_because_each_key": "for_each no longer has its key",
    "delete_because_no_move_target": "a moved block leads to an address that does not exist",
    "read_because_config_unknown": "its arguments are known only after the apply",
    "read_because_dependency_pending": "something that it depends on changes",
    "read_because_check_nested": "a check reads it at every plan",
}
"""Terraform's reasons: https://developer.hashicorp.com/terraform/internals/json-format#change-representation."""
CANNOT_UPDATE = "replace_because_cannot_update"
DEFERRED = {
    "instance_count_unknown": "its count or for_each is not known yet",
    "resource_config_unknown": "an argument is not known yet",
    "provider_config_unknown": "the configuration of its provider is not known yet",
    "deferred_prereq": "something that it depends on is deferred",
    "absent_prereq": "something that it depends on does not exist yet",
}

Path = Sequence[str | int]
Cause = Callable[[str, str], str]
"""Why an argument (address, name) is not known before the apply, such as `aws_vpc.main is replaced`; empty: no idea."""


def forcing_paths(change: ResourceChange) -> list[Path]:
    """Return the paths that force a replacement.

    Terraform also lists computed attributes that are only absent from the state (and so "change" to something that is
    not known yet): they force nothing.
    """
    paths = decode(change.change.replace_paths) or []
    if not paths:
        return []
    before, after = attributes(change.change.before), attributes(change.change.after)
    unknown = marks(change.change.after_unknown)
    found: list[Path] = [path for path in paths if path and _differs(path, before, after, unknown)]
    return list({tuple(path): path for path in found}.values())


def reasons(change: ResourceChange, forcing: Sequence[Path], cause: Cause) -> Iterator[str]:
    """Yield why something happens, in sentences."""
    said = REASONS.get(change.action_reason)
    if said:
        yield said
    elif change.action_reason and change.action_reason != CANNOT_UPDATE:
        yield f"Terraform's reason: {change.action_reason}"
    if forcing:
        yield f"cannot be changed in place: {', '.join(dict.fromkeys(path_text(path) for path in forcing))}"
        known = ((str(path[0]), cause(change.address, str(path[0]))) for path in forcing)
        yield from dict.fromkeys(f"{name}: {why}" for name, why in known if why)
    elif change.action_reason == CANNOT_UPDATE:
        yield "the provider cannot change it in place and names no argument whose value differs"
    if change.change.actions == ("create", "delete"):
        yield "the new one is created before the old one is destroyed"
    elif change.change.actions == ("create", "forget"):
        yield "the old one stays and is no longer managed"


def path_text(path: Path) -> str:
    """Write a path as people write it: `ingress[0].from_port`."""
    text = ""
    for part in path:
        text = f"{text}[{part}]" if isinstance(part, int) else joined(text, str(part))
    return text


def _differs(path: Path, before: dict[str, Raw], after: dict[str, Raw], unknown: Any) -> bool:  # noqa: ANN401 marks
    first = str(path[0])
    old, new = before.get(first), after.get(first)
    old_value = _at(decode(old) if old is not None else None, path[1:])
    new_value = _at(decode(new) if new is not None else None, path[1:])
    if _at(unknown, path, through=True) is True:
        return old_value is not None
    return bool(old_value != new_value)


def _at(value: Any, path: Path, *, through: bool = False) -> Any:  # noqa: ANN401 whatever JSON can hold
    """Return what lies at a path. `through`: a mark above counts for all below it."""
    for part in path:
        if through and value is True:
            return True
        if isinstance(part, str) and isinstance(value, dict):
            value = value.get(part)
        elif isinstance(part, int) and isinstance(value, list) and part < len(value):
            value = value[part]
        else:
            return None
    return value
