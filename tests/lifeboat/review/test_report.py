from __future__ import annotations

from typing import Any

from lifeboat.failure import Exit
from lifeboat.report.model import Action, Known
from lifeboat.review.build import findings, report
from lifeboat.review.comparison import compare
from tests.lifeboat.review.stacks import NAME, compared, stack

Json = Any


def test_the_construct_that_made_a_resource_is_named() -> None:
    note = {"//": {"metadata": {"path": f"{NAME}/network/vpc"}}}
    before, after = ({"aws_vpc.it": {**note, "tags": {"a": value}}} for value in "xy")
    (change,) = report("t", compared(before, after), {}, ()).sections[0].changes
    assert (change.construct_path, change.action) == (f"{NAME}/network/vpc", Action.UPDATE)
    assert [(each.path, each.before.text, each.after.text) for each in change.differences] == [("tags.a", '"x"', '"y"')]


def test_secrets_are_masked_by_their_names_and_by_the_names_of_their_pairs() -> None:
    def side(secret: str) -> Json:
        pair = [{"name": "DB_PASSWORD", "value": secret}, {"name": "PORT", "value": secret[-1]}]
        return {
            "aws_db_instance.it": {"password": secret, "password_wo_version": secret[-1]},
            "aws_ecs_task_definition.it": {"container_definitions": [{"name": "app", "environment": pair}]},
            "aws_lambda_function.it": {"environment": {"variables": {"API_TOKEN": secret}}},
        }

    found = report("t", compared(side("hunter1"), side("hunter2")), {}, ())
    assert "hunter" not in repr(found)
    shown = {each.path: each for change in found.sections[0].changes for each in change.differences}
    assert shown["password"].before.known is Known.SECRET
    assert shown["environment.variables.API_TOKEN"].after.known is Known.SECRET
    assert shown['container_definitions["app"].environment["DB_PASSWORD"].value'].after.known is Known.SECRET
    assert shown["password_wo_version"].after.text == '"2"'


def test_a_reference_to_a_secret_is_no_secret() -> None:
    before = {"aws_db_instance.it": {"password_wo": "${ephemeral.aws_secret.one.value}"}}
    after = {"aws_db_instance.it": {"password_wo": "${ephemeral.aws_secret.two.value}"}}
    (change,) = report("t", compared(before, after), {}, ()).sections[0].changes
    assert change.differences[0].after.text == '"${ephemeral.aws_secret.two.value}"'


def test_nothing_changed_ends_with_0_and_a_change_with_2() -> None:
    same = {"aws_vpc.it": {"cidr_block": "10.0.0.0/16"}}
    assert report("t", compared(same, same), {}, ()).exit_code is Exit.OK
    assert (
        report("t", compared(same, {"aws_vpc.it": {**same["aws_vpc.it"], "tags": {}}}), {}, ()).exit_code
        is Exit.CHANGES
    )
    assert report("t", compared({}, same), {}, ()).sections[0].changes[0].action is Action.CREATE


def test_stacks_come_in_the_order_in_which_they_are_deployed() -> None:
    place = {"bucket": "state", "key": "region"}
    reader = {"terraform_remote_state": {"region": {"backend": "s3", "config": place}}}
    stacks = {
        "a-global": stack({}, name="a-global", data=reader),
        "b-region": stack({}, name="b-region", terraform={"backend": {"s3": place}}),
    }
    ordered = report("t", compare(stacks, stacks), {}, ()).sections
    assert [(each.stack, each.depends_on) for each in ordered] == [("b-region", ()), ("a-global", ("b-region",))]
    told = report("t", compare(stacks, stacks), {"b-region": ("a-global",)}, ()).sections
    assert {each.stack for each in told} == {"a-global", "b-region"}


def test_outputs_that_cdktf_makes_by_itself_are_counted_and_not_listed() -> None:
    base = stack({}, output={"cross-stack-output-x": {"value": 1}, "vpc_id": {"value": 1}})
    head = stack({}, output={"cross-stack-output-x": {"value": 2}, "vpc_id": {"value": 2}})
    (section,) = report("t", compare({NAME: base}, {NAME: head}), {}, ()).sections
    assert [each.address for each in section.outputs] == ["vpc_id"]
    assert section.notes == ("outputs between stacks, which cdktf makes by itself: 1 changed",)


def test_a_stack_that_is_gone_leaves_what_it_made_behind() -> None:
    comparison = compare({NAME: stack({"aws_s3_bucket.it": {"bucket": "media"}})}, {})
    assert [each.rule for each in findings(comparison)] == ["stack-gone"]
    (section,) = report("t", comparison, {}, ()).sections
    assert (section.notes, section.unchanged) == (("the stack is gone",), 0)
    assert [each.action for each in section.changes] == [Action.DESTROY, Action.DESTROY]


def test_twins_that_drift_apart_are_told_and_twins_that_move_together_are_not() -> None:
    def twins(**timeouts: int) -> Json:
        return {
            f"shop-dev-{region}": stack(
                {
                    "aws_lambda_function.it": {
                        "timeout": timeouts[region[:2] + region[3:4]],
                        "description": f"in {region}",
                    }
                },
                name=f"shop-dev-{region}",
                region=region,
            )
            for region in ("us-east-1", "us-west-2")
        }

    def told(base: Json, head: Json) -> list[tuple[str, str]]:
        return [(each.stack, each.evidence) for each in findings(compare(base, head)) if each.rule == "regions-drift"]

    assert told(twins(use=10, usw=10), twins(use=20, usw=20)) == []
    assert told(twins(use=10, usw=10), twins(use=20, usw=10)) == [
        ("shop-dev-us-east-1", "timeout: 20 in us-east-1, 10 in us-west-2")
    ]
    assert told(twins(use=10, usw=5), twins(use=20, usw=5)) == [("shop-dev-us-east-1", "timeout: 10 → 20")]
    assert told(twins(use=10, usw=5), twins(use=20, usw=10)) == []


def test_what_one_region_alone_gets_or_loses_is_told() -> None:
    def twins(east: Json, west: Json) -> Json:
        return {
            f"shop-dev-{region}": stack(resources, name=f"shop-dev-{region}", region=region)
            for region, resources in (("us-east-1", east), ("us-west-2", west))
        }

    queue = {"aws_sqs_queue.it": {"name": "jobs"}}

    def told(base: Json, head: Json) -> list[str]:
        return [each.title for each in findings(compare(base, head)) if each.rule == "regions-drift"]

    assert told(twins({}, {}), twins(queue, queue)) == []
    assert told(twins({}, {}), twins(queue, {})) == [
        "us-east-1 and us-west-2 drift apart: it is added in us-east-1 alone"
    ]
    assert told(twins(queue, queue), twins(queue, {})) == [
        "us-west-2 and us-east-1 drift apart: it is left in us-east-1 alone"
    ]
    assert told(twins(queue, {}), twins({**queue, "aws_vpc.it": {}}, {"aws_vpc.it": {}})) == []
