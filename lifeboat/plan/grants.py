"""Rules and policies that are resources of their own, and show in their group or role as if that had changed.

After an apply that adds a rule, the next plan finds it in the security group's `ingress` and calls it drift. It is only
that if no resource of the configuration grants it: a rule that somebody added by hand must be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from lifeboat.plan.format import NULL, ResourceChange, decode

Grant = tuple[object, ...]
RULES = {"aws_security_group_rule", "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"}
SOURCES = (
    "cidr_ipv4",
    "cidr_ipv6",
    "prefix_list_id",
    "referenced_security_group_id",
    "source_security_group_id",
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "security_groups",
)
POLICIES = {"aws_iam_role_policy": ("role", "name"), "aws_iam_role_policy_attachment": ("role", "policy_arn")}
EXPLAINED = {
    "aws_security_group": ("ingress", "egress"),
    "aws_iam_role": ("inline_policy", "managed_policy_arns"),
}
"""Type, and the attributes in which what other resources grant shows."""
ALL = "-1"
"""Every protocol, and with it every port."""


class Grants:
    """What the resources of one plan grant, looked up when drift asks for it."""

    def __init__(self, entries: Iterable[ResourceChange]) -> None:
        self._entries = entries

    def explain(self, entry: ResourceChange, attribute: str) -> bool:
        """Whether everything that appeared in an attribute is granted by a resource of the plan."""
        if attribute not in EXPLAINED.get(entry.type, ()):
            return False
        before, after = decode(entry.change.before), decode(entry.change.after)
        owner = after.get("id") or after.get("name")
        old = set(_shown(owner, attribute, before.get(attribute)))
        return all(
            grant in self._managed for grant in _shown(owner, attribute, after.get(attribute)) if grant not in old
        )

    @cached_property
    def _managed(self) -> set[Grant]:
        found: set[Grant] = set()
        for entry in self._entries:
            if entry.change.before == NULL:
                continue
            if entry.type in RULES:
                found |= set(_rule(decode(entry.change.before)))
            elif entry.type in POLICIES:
                values = decode(entry.change.before)
                found.add(tuple(values.get(key) for key in POLICIES[entry.type]))
        return found


def _rule(values: Mapping[str, Any]) -> Iterator[Grant]:
    for source in _sources(values):
        yield (values.get("security_group_id"), *_ports(values), source)
    if values.get("self"):
        yield (values.get("security_group_id"), *_ports(values), values.get("security_group_id"))


def _shown(owner: object, attribute: str, value: Any) -> Iterator[Grant]:  # noqa: ANN401 whatever the attribute holds
    for each in value or ():
        if isinstance(each, str):
            yield (owner, each)
        elif attribute == "inline_policy":
            yield (owner, each.get("name"))
        else:
            yield from ((owner, *_ports(each), source) for source in _sources(each))
            if each.get("self"):
                yield (owner, *_ports(each), owner)


def _ports(values: Mapping[str, Any]) -> Grant:
    protocol = values.get("ip_protocol") or values.get("protocol")
    return (ALL, 0, 0) if protocol == ALL else (protocol, values.get("from_port"), values.get("to_port"))


def _sources(values: Mapping[str, Any]) -> Iterator[str]:
    for key in SOURCES:
        found = values.get(key)
        if isinstance(found, list):
            yield from found
        elif found:
            yield found
