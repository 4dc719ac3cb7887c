"""The plan as `terraform show -json` writes it, as far as it is needed, read no deeper than it is needed.

https://developer.hashicorp.com/terraform/internals/json-format. What is not named here is skipped; values stay raw
bytes until somebody looks at them, and most are equal before and after, which the bytes tell.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

KNOWN_MAJORS = {"0", "1"}
NULL = Raw(b"null")
FALSE = Raw(b"false")


class Importing(Struct, frozen=True):
    """From where a resource is imported."""

    id: str | None = None
    unknown: bool = False


class RawChange(Struct, frozen=True, gc=False):
    """What happens to a resource or an output, its values unread."""

    actions: tuple[str, ...] = ()
    before: Raw = NULL
    after: Raw = NULL
    after_unknown: Raw = FALSE
    before_sensitive: Raw = FALSE
    after_sensitive: Raw = FALSE
    replace_paths: Raw = NULL
    importing: Importing | None = None


class ResourceChange(Struct, frozen=True, gc=False):
    """One entry of `resource_changes` or `resource_drift`."""

    address: str
    type: str = ""
    mode: str = "managed"
    previous_address: str = ""
    deposed: str = ""
    action_reason: str = ""
    change: RawChange = RawChange()


class DeferredChange(Struct, frozen=True):
    """One entry of `deferred_changes`."""

    reason: str = ""
    resource_change: ResourceChange | None = None


class RelevantAttribute(Struct, frozen=True):
    """One entry of `relevant_attributes`: what the changes of this plan depend on."""

    resource: str = ""
    attribute: list[Any] = []


class Variable(Struct, frozen=True):
    """The value of an input variable."""

    value: Any = None


class Plan(Struct, frozen=True, gc=False):
    """A plan, or what was taken for one."""

    format_version: str | UnsetType = UNSET
    terraform_version: str = ""
    resource_changes: list[ResourceChange] = []
    resource_drift: list[ResourceChange] = []
    deferred_changes: list[DeferredChange] = []
    output_changes: dict[str, RawChange] = {}
    relevant_attributes: list[RelevantAttribute] = []
    variables: dict[str, Variable] = {}
    configuration: Raw = NULL
    checks: Raw = NULL
    errored: bool = False
    complete: bool | None = None
    planned_values: Raw | UnsetType = UNSET
    values: Raw | UnsetType = UNSET
    """Only in what `terraform show -json` writes of a state."""
    serial: Raw | UnsetType = UNSET
    lineage: Raw | UnsetType = UNSET
    """Only in a state file."""

    @property
    def is_state(self) -> bool:
        """Whether it is a state, which people mistake for a plan."""
        is_plan = self.planned_values is not UNSET or bool(self.resource_changes)
        return not is_plan and (self.values is not UNSET or self.serial is not UNSET or self.lineage is not UNSET)

    @property
    def is_known(self) -> bool:
        """Whether its format is one that this was written for."""
        return isinstance(self.format_version, str) and self.format_version.partition(".")[0] in KNOWN_MAJORS


_PLAN = msgspec.json.Decoder(Plan)
_ANY = msgspec.json.Decoder()
_ATTRIBUTES = msgspec.json.Decoder(dict[str, Raw] | None)


def decode_plan(content: bytes) -> Plan:
    """Decode a plan.

    Raises:
        msgspec.DecodeError: It is not JSON, or not shaped like a plan.
    """
    return _PLAN.decode(content)


def decode(raw: Raw) -> Any:  # noqa: ANN401 whatever JSON can hold
    """Decode a value."""
    return _ANY.decode(raw)


def attributes(raw: Raw) -> dict[str, Raw]:
    """Return the attributes of a resource, each still raw."""
    return _ATTRIBUTES.decode(raw) or {}


def marks(raw: Raw) -> Any:  # noqa: ANN401 true, or a structure with true in it
    """Decode marks of what is sensitive or unknown, unless nothing is marked."""
    return _ANY.decode(raw) if b"true" in bytes(raw) else False
