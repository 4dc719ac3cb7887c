"""Who may do what: permissions that policies give newly, and denials that they lose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison, What
from lifeboat.review.content import Block, Json
from lifeboat.review.policies import (
    EVERYBODY,
    Statement,
    from_data_source,
    granted,
    is_policy,
    no_longer_denied,
    statements,
)
from lifeboat.review.rules.rule import Found, Rule, arrow

BROAD_POLICIES = r".*:aws:policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess|.*FullAccess)"
CALLERS = "principalaccount principalarn principalorgid principalorgpaths userid"
SOURCES = "sourceaccount sourcearn sourceip sourceorgid sourceowner sourcevpc sourcevpce"
NARROWING = frozenset(f"aws:{key}" for key in f"{CALLERS} {SOURCES}".split()) | {
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
}
"""Condition keys, in small letters as IAM takes them in any, that bring everybody down to somebody:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status"""
ANYBODY = frozenset({"*", "0.0.0.0/0", "::/0"})
"""Values of such a condition that bring nobody down."""
TLS = ("Bool", "aws:SecureTransport")
MOST_LISTED = 8


def _documents(block: Block | None) -> dict[str, list[Statement]]:
    """Find the policies of a block by the argument that holds them."""
    if block is None or not isinstance(block.content, dict):
        return {}
    if block.type == "data.aws_iam_policy_document":
        return {"statement": statements(from_data_source(block.content))}
    return {key: statements(value) for key, value in _policies(block.content)}


def _policies(content: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for key, value in content.items():
        if is_policy(value):
            yield key, value
        elif isinstance(value, dict):
            yield from ((f"{key}.{inner}", each) for inner, each in _policies(value))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, dict):
                    yield from ((f"{key}[{index}].{inner}", found) for inner, found in _policies(each))


def _grants(comparison: Comparison, *, is_public: bool = False) -> Iterator[Found]:
    for stack, change in comparison.changes:
        before, after = _documents(change.before), _documents(change.after)
        for key, now in after.items():
            for sid, new in _by_statement(granted(before.get(key, []), now)).items():
                weight = _weight(new, change)
                if weight is None or (weight[0] is Severity.GUARDED) != is_public:
                    continue
                severity, what = weight
                evidence = f"{key}, statement {sid}: {_told(new)}" if sid else f"{key}: {_told(new)}"
                yield Found(title=what, evidence=evidence, stack=stack, change=change, severity=severity)


def _weight(new: list[Statement], change: BlockChange) -> tuple[Severity, str] | None:
    """Weigh what is newly allowed. None: a new resource that asks for what is usual."""
    if any(_is_public(each) for each in new):
        return Severity.GUARDED, "everybody is allowed something, from any account and without credentials"
    if any("*" in each.actions.values or each.actions.excludes for each in new):
        return Severity.HIGH, "every action is allowed"
    if any(_is_wild(each) for each in new):
        return Severity.HIGH, "every action of a service is allowed, on everything"
    if change.what is What.ADDED:
        return None
    principals = {value for each in new if each.principals for value in each.principals.values}
    if principals and _had_nothing_for(principals, change):
        return Severity.HIGH, "somebody new is allowed something"
    return Severity.MEDIUM, "more is allowed than before"


def _had_nothing_for(principals: set[str], change: BlockChange) -> bool:
    known = {
        value
        for found in _documents(change.before).values()
        for each in found
        if each.allows and each.principals
        for value in each.principals.values
    }
    return not principals <= known


def _is_public(statement: Statement) -> bool:
    """Whether everybody is meant, and no condition says who."""
    return statement.is_for_everybody and not any(
        key.lower() in NARROWING and not any(word in operator for word in ("Not", "IfExists")) and not values & ANYBODY
        for (operator, key), values in statement.conditions.items()
    )


def _is_wild(statement: Statement) -> bool:
    wild = any(re.fullmatch(r"[a-z0-9-]+:\*", each) for each in statement.actions.values)
    everything = statement.resources is not None and "*" in statement.resources.values
    # A key's own policy means this key by `*`, and the account's administration is how every key begins.
    is_key_policy = statement.principals is not None
    return wild and everything and not is_key_policy


def _denials(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.after is None:
            continue
        before, after = _documents(change.before), _documents(change.after)
        for key, were in before.items():
            for sid, lost in _by_statement(no_longer_denied(were, after.get(key, []))).items():
                is_tls = any(TLS in each.conditions for each in lost)
                title = "requests without TLS are no longer denied" if is_tls else "something is no longer denied"
                where = f"{key}, statement {sid}" if sid else key
                yield Found(title=title, evidence=f"{where}: no longer {_told(lost)}", stack=stack, change=change)


def _by_statement(found: list[Statement]) -> dict[str, list[Statement]]:
    by: dict[str, list[Statement]] = {}
    for each in found:
        by.setdefault(each.sid, []).append(each)
    return by


def _told(found: list[Statement]) -> str:
    """Write simple statements of one origin as one."""
    first = found[0]
    actions = sorted({value for each in found for value in each.actions.values})
    who = sorted({value for each in found if each.principals for value in each.principals.values})
    what = sorted({value for each in found if each.resources for value in each.resources.values})
    effect = "Allow" if first.allows else "Deny"
    verb = f"{effect} everything but" if first.actions.excludes else effect
    parts = [f"{verb} {_short(actions)}"]
    parts += [f"to {_short(['everybody' if each == EVERYBODY else each for each in who])}"] if who else []
    parts += [f"on {_short(what)}"] if what else []
    when = [f"{key} {operator} {'/'.join(sorted(v))}" for (operator, key), v in first.conditions.items()]
    return " ".join(parts) + (f" if {', '.join(when)}" if when else "")


def _short(values: list[str]) -> str:
    more = f" and {len(values) - MOST_LISTED} more" if len(values) > MOST_LISTED else ""
    return ", ".join(values[:MOST_LISTED]) + more


def _attached(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.after is None or change.block.type != "aws_iam_role_policy_attachment":
            continue
        old, new = (block.get("policy_arn") if block else None for block in (change.before, change.after))
        if isinstance(new, str) and new != old and re.fullmatch(BROAD_POLICIES, new):
            yield Found(
                title="a policy for administrators is attached",
                evidence=arrow(old or "(none)", new),
                stack=stack,
                change=change,
            )


def _invokers(comparison: Comparison) -> Iterator[Found]:
    """Find functions that more callers may invoke: a permission without a source lets any account's service in."""
    for stack, change in comparison.changes:
        if change.after is None or change.block.type != "aws_lambda_permission":
            continue
        had = change.before.get("source_arn") or change.before.get("source_account") if change.before else True
        has = change.after.get("source_arn") or change.after.get("source_account")
        principal = change.after.get("principal")
        if principal == "*" and (change.before is None or change.before.get("principal") != "*"):
            yield Found(title="everybody may invoke the function", evidence="principal: *", stack=stack, change=change)
        elif had and not has and not str(principal).isdigit():
            evidence = f"principal {principal}, without source_arn and source_account"
            title = "the service may invoke the function on behalf of any account"
            yield Found(title=title, evidence=evidence, stack=stack, change=change)


RULES = (
    Rule(
        id="public-access",
        severity=Severity.GUARDED,
        advice="Name the principals, or a condition that says whose they are; the public reads through CloudFront",
        find=partial(_grants, is_public=True),
    ),
    Rule(
        id="access-broadened",
        severity=Severity.MEDIUM,
        advice="Allow the actions, resources and principals that are needed, by name",
        find=_grants,
    ),
    Rule(
        id="denial-lost",
        severity=Severity.HIGH,
        advice="Put the statement back, or say in the pull request what denies it now",
        find=_denials,
    ),
    Rule(
        id="administrator-attached",
        severity=Severity.HIGH,
        advice="Write a policy with the actions that are needed",
        find=_attached,
    ),
    Rule(
        id="invocation-opened",
        severity=Severity.HIGH,
        advice="Name the source that may invoke it in source_arn",
        find=_invokers,
    ),
)
