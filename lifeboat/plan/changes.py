"""From an entry of a plan to what a reviewer sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec import Raw, structs

from lifeboat.plan.configuration import base
from lifeboat.plan.format import NULL, RawChange, ResourceChange, attributes, decode, marks
from lifeboat.plan.reasons import Cause, forcing_paths, reasons
from lifeboat.plan.types import DATA
from lifeboat.report.model import Action, Change, Difference
from lifeboat.report.values import MISSING, Comparison, Marks, Side

ACTIONS = {
    ("no-op",): None,
    ("create",): Action.CREATE,
    ("read",): Action.READ,
    ("update",): Action.UPDATE,
    ("delete",): Action.DESTROY,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("forget",): Action.FORGET,
}
"""Terraform's actions. None: nothing happens, unless the resource moves or is imported."""
UNINTERESTING = {b"null", b'""', b"[]", b"{}", b"false"}
"""What says nothing about something new."""


@dataclass(frozen=True)
class Builder:
    """Turns entries of one plan into changes.

    Attributes:
        comparison: Compares and masks.
        region_of: Region of an address. Empty: not known.
        constructs: Construct paths by address without keys.
        cause: Why an argument is not known yet.
        data_types: Types beyond `DATA` that hold data.
    """

    comparison: Comparison
    region_of: Callable[[str], str] = lambda _: ""
    constructs: Mapping[str, str] = field(default_factory=dict)
    cause: Cause = lambda _, __: ""
    data_types: frozenset[str] = frozenset()

    def change(self, entry: ResourceChange) -> Change | None:
        """Return what happens to a resource. None: nothing."""
        raw = entry.change
        action = ACTIONS.get(raw.actions, Action.UNKNOWN)
        if action is None:
            action = Action.MOVE if entry.previous_address else Action.IMPORT if raw.importing else None
        if action is None:
            return None
        forcing = forcing_paths(entry) if action is Action.REPLACE else []
        why = tuple(reasons(entry, forcing, self.cause))
        if action is Action.UNKNOWN:
            why = (*why, f"Terraform's actions: {', '.join(raw.actions) or 'none'}")
        found = list(self.differences(raw, {str(path[0]) for path in forcing}))
        if forcing:
            found.sort(key=lambda each: not each.forces_replacement)
        return Change(
            action=action,
            address=entry.address,
            type=entry.type,
            construct_path=self.constructs.get(base(entry.address), ""),
            region=self.region_of(entry.address),
            previous_address=entry.previous_address,
            import_id=_import_id(raw),
            deposed=entry.deposed,
            reasons=why,
            differences=tuple(found),
            after_apply=tuple(_later(raw)),
            holds_data=entry.type in DATA or entry.type in self.data_types,
        )

    def output(self, name: str, raw: RawChange) -> Change | None:
        """Return what happens to an output. None: nothing."""
        action = ACTIONS.get(raw.actions, Action.UNKNOWN)
        if action is None:
            return None
        before = Side(_value(raw.before), marks(raw.before_sensitive))
        after = Side(_value(raw.after), marks(raw.after_sensitive), marks(raw.after_unknown))
        return Change(
            action=action, address=name, differences=tuple(self.comparison.differences("", before, after, name))
        )

    def differences(self, raw: RawChange, forcing: set[str]) -> Iterator[Difference]:
        """Yield what differs, each attribute only as deep as it has to be read."""
        before, after = attributes(raw.before), attributes(raw.after)
        if not after and raw.after == NULL:
            return
        found_unknown = marks(raw.after_unknown)
        unknown = found_unknown if isinstance(found_unknown, dict) else {}
        is_new, is_replaced = raw.before == NULL, len(raw.actions) > 1
        old_marks: Marks = None
        new_marks: Marks = None
        later = [name for name, mark in unknown.items() if mark and name not in after]
        for name in dict.fromkeys((*after, *later, *before)):
            old, new = before.get(name, NULL), after.get(name, NULL)
            mark = unknown.get(name, False)
            if (old == new and (not mark or mark is True)) or (is_new and bytes(new) in UNINTERESTING):
                continue
            if is_replaced and not mark and new == NULL and bytes(old) in UNINTERESTING:
                continue  # the provider fills it in again as it did before
            if old_marks is None:
                old_marks, new_marks = marks(raw.before_sensitive), marks(raw.after_sensitive)
            one = Side(_value(old), _mark(old_marks, name))
            other = Side(_value(new), _mark(new_marks, name), mark)
            found = self.comparison.differences(name, one, other, name)
            if name in forcing:
                found = (structs.replace(each, forces_replacement=True) for each in found)
            yield from found


def _later(raw: RawChange) -> Iterator[str]:
    """Yield the attributes that have no value yet and get one by the apply."""
    found = marks(raw.after_unknown)
    if isinstance(found, dict):
        before = attributes(raw.before)
        yield from sorted(name for name, mark in found.items() if mark is True and before.get(name, NULL) == NULL)


def _value(raw: Raw) -> object:
    return MISSING if raw == NULL else decode(raw)


def _mark(found: Marks, name: str) -> Marks:
    return found.get(name, False) if isinstance(found, dict) else found


def _import_id(raw: RawChange) -> str:
    if raw.importing is None:
        return ""
    return raw.importing.id or ("an id that is known after apply" if raw.importing.unknown else "its identity")
