from __future__ import annotations

import re

from lifeboat.local.progress import EXISTS, LOCKED, NO_PROVIDER, Progress, plain

EAST, GLOBAL = "shop-dev-us-east-1", "shop-dev-global"


def fed(text: str) -> tuple[Progress, list[str]]:
    said: list[str] = []
    progress = Progress([EAST, GLOBAL, "shop-dev"], said.append)
    for line in text.splitlines():
        progress.feed(line)
    return progress, said


def test_a_stack_is_told_when_it_is_planned_and_when_it_is_done() -> None:
    _, said = fed(
        f"{EAST}  Terraform will perform the following actions:\n"
        "                    Plan: 134 to add, 2 to change, 1 to destroy.\n"
        f"{EAST}  aws_vpc.x: Creating...\n"
        f"{EAST}  \x1b[1mApply complete! Resources: 134 added, 2 changed, 1 destroyed.\x1b[0m\n"
        f"{GLOBAL}  Plan: 3 to import, 1 to add, 0 to change, 0 to destroy.\n"
        f"{GLOBAL}  Destroy complete! Resources: 30 destroyed.\n"
    )
    assert [re.sub(r"in \d+ s", "in N s", line) for line in said] == [
        f"  {EAST}: 134 to add, 2 to change, 1 to destroy",
        f"  {EAST}: 134 added, 2 changed, 1 destroyed in N s",
        f"  {GLOBAL}: 1 to add, 0 to change, 0 to destroy",
        f"  {GLOBAL}: 30 destroyed in N s",
    ]


def test_an_error_in_a_box_is_kept_whole_with_its_stack() -> None:
    progress, _ = fed(
        f"{EAST}  \x1b[31m╷\x1b[0m\n"
        "                    │ Error: creating VPC: VpcLimitExceeded\n"
        "                    │ \n"
        "                    │   with aws_vpc.network\n"
        "                    ╵\n"
        "                    afterwards\n"
    )
    assert progress.errors == [f"{EAST}: Error: creating VPC: VpcLimitExceeded\n  with aws_vpc.network"]


def test_errors_without_boxes_end_where_something_else_is_said() -> None:
    progress, _ = fed(
        f"{EAST}  Warning: Invalid Attribute Combination\n"
        "                    with aws_lb_target_group.x\n"
        f"{EAST}  Error: first\n"
        "                    with aws_a.a\n"
        "                    Error: second\n"
        "                    with aws_b.b\n"
        "                    Warning: third\n"
        "                    with aws_c.c\n"
        "0 Stacks deploying     1 Stack done     2 Stacks waiting\n"
        "Error: on its own\n"
    )
    assert progress.errors == [
        f"{EAST}: Error: first\n  with aws_a.a",
        f"{EAST}: Error: second\n  with aws_b.b",
        "Error: on its own",
    ]


def test_errors_with_a_known_cause_are_recognised() -> None:
    progress, _ = fed("Error: creating IAM Role (x): EntityAlreadyExists: Role x already exists.")
    assert progress.says(EXISTS)
    assert not progress.says(LOCKED)
    assert not progress.says(NO_PROVIDER)


def test_colours_do_not_reach_a_log() -> None:
    assert plain("\x1b[1m\x1b[31mError\x1b[0m  \r\n") == "Error"
