"""Reports to render: one with everything in it, made by people who mean harm, and one of any size."""

from __future__ import annotations

from lifeboat.report.model import (
    ABSENT,
    SECRET,
    UNKNOWN,
    Action,
    Change,
    Difference,
    Finding,
    Kind,
    Report,
    Section,
    Severity,
    Shown,
)

HOSTILE = (
    "```` </details></code><script>alert(1)</script> | @everyone <!-- lifeboat:plan --> [x](javascript:y) "
    "\x1b[31m\u202e"
)
EAST, WEST, GLOBAL = "shop-prod-us-east-1", "shop-prod-us-west-2", "shop-prod-global"

REPLACED = Change(
    action=Action.REPLACE,
    address="aws_db_instance.main",
    type="aws_db_instance",
    construct_path="shop-prod-us-east-1/database/main",
    region="us-east-1",
    reasons=("it cannot be changed in place: engine_version",),
    differences=(
        Difference("engine_version", Shown(text='"16.1"'), Shown(text='"15.4"'), forces_replacement=True),
        Difference("password", SECRET, SECRET),
        Difference("arn", Shown(text='"arn:aws:rds:us-east-1:1:db:main"'), UNKNOWN),
    ),
    holds_data=True,
)
GUARD = Finding(
    severity=Severity.GUARDED,
    rule="data-loss",
    title="aws_db_instance.main would be replaced, and the data in it lost",
    address="aws_db_instance.main",
    construct_path="shop-prod-us-east-1/database/main",
    stack=EAST,
    evidence="it cannot be changed in place: engine_version",
    advice="take a snapshot and restore it, or allow it in the guard file",
)


FIRST = Section(
    stack=EAST,
    region="us-east-1",
    changes=(
        REPLACED,
        Change(
            action=Action.UPDATE,
            address=f'aws_s3_object.x["{HOSTILE}"]',
            type="aws_s3_object",
            differences=(Difference(f"tags[{HOSTILE}]", Shown(text=HOSTILE), ABSENT),),
        ),
        Change(action=Action.MOVE, address="aws_vpc.new", previous_address="aws_vpc.old", type="aws_vpc"),
        Change(action=Action.CREATE, address="aws_subnet.a", import_id="subnet-1", type="aws_subnet"),
    ),
    outputs=(Change(action=Action.UPDATE, address="url", differences=(Difference("", ABSENT, UNKNOWN),)),),
    noise=(Change(action=Action.UPDATE, address="aws_iam_role.r", type="aws_iam_role"),),
    reads=("data.aws_vpc.x",),
    unchanged=41,
    notes=("planned in 3 s",),
)
SECOND = Section(
    stack=WEST,
    region="us-west-2",
    depends_on=(EAST,),
    drift=(Change(action=Action.DESTROY, address="aws_sqs_queue.q", type="aws_sqs_queue"),),
    deferred=(Change(action=Action.CREATE, address="aws_eip.e", reasons=("its count is not known",)),),
)
ALLOWED = Finding(severity=Severity.GUARDED, rule="data-loss", title="t", stack=WEST, allowed="until 2999-01-01: old")
HIGH = Finding(severity=Severity.HIGH, rule="drift", title=HOSTILE, stack=HOSTILE, address=HOSTILE, evidence=HOSTILE)


def everything() -> Report:
    """Return a report with every kind of thing in it, hostile texts among them."""
    return Report(
        kind=Kind.PLAN,
        title="Plans of 3 stacks",
        sections=(FIRST, SECOND, Section(stack=GLOBAL, depends_on=(EAST, WEST), waits_for=(EAST,))),
        findings=(HIGH, ALLOWED, GUARD),
        notes=("a note",),
        digest="sha256:" + "0" * 64,
    )


def large(changes: int, guarded: int, stacks: int = 2) -> Report:
    """Return a report of any size: every tenth change destroys something, and half of the stacks have none."""
    updated = tuple(_change(number) for number in range(changes))
    sections = (
        *(Section(stack=f"big-{number}", changes=updated) for number in range(stacks)),
        *(Section(stack=f"quiet-{number}", unchanged=3) for number in range(stacks)),
    )
    findings = tuple(_finding(number, f"big-{number % stacks}") for number in range(guarded))
    return Report(kind=Kind.PLAN, title="Plans", sections=sections, findings=findings)


def _change(number: int) -> Change:
    long = Shown(text=f'"{"x" * 50}"')
    return Change(
        action=Action.UPDATE if number % 10 else Action.DESTROY,
        address=f"module.part.aws_thing.name[{number}]",
        type="aws_thing",
        differences=tuple(Difference(f"key_{key}", Shown(text='"before"'), long) for key in range(8)),
    )


def _finding(number: int, stack: str) -> Finding:
    return Finding(
        severity=Severity.GUARDED,
        rule="data-loss",
        title=f"aws_s3_bucket.b[{number}] would be destroyed, and the data in it lost",
        address=f"aws_s3_bucket.b[{number}]",
        stack=stack,
        evidence="e" * 200,
        advice="a" * 200,
    )
