"""The failover's definition: what it calls, in which order, bounded by what, and depending on nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deployments.failover.facts import FENCE_SETTLES_SECONDS, NOBODY, Facts
from deployments.failover.longest import Path as Way
from deployments.failover.longest import longest_path, next_states
from deployments.failover.machine import machine
from deployments.failover.plan import Refs, facts_of, has_failover, least_rto_seconds, slowest
from deployments.failover.relay import relay
from deployments.failover.states import branch, call, choose, done, fail, poll, wait
from functions.orders.logic import NO_REGION
from functions.orders.parameters import FENCE_SETTLES_SECONDS as APPLICATION_SETTLES
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.variants import system, variant

Json = dict[str, Any]
HERE, THERE = "us-west-2", "us-east-1"
FORBIDDEN = re.compile(r"iam|route53|cloudfront|lambda:update|s3:|dynamodb:")
ALLOWED = {
    "events:putEvents",
    "lambda:getFunctionConcurrency",
    "lambda:putFunctionConcurrency",
    "rds:createDBInstance",
    "rds:describeDBInstances",
    "rds:describeGlobalClusters",
    "rds:failoverGlobalCluster",
    "rds:switchoverGlobalCluster",
    "sfn:describeExecution",
    "sfn:sendTaskFailure",
    "sfn:sendTaskSuccess",
    "sns:publish",
    "ssm:deleteParameter",
    "ssm:getParameter",
    "ssm:putParameter",
}
"""Every call that a recovery may make."""


def facts(name: str = "dev", region: str = HERE) -> Facts:
    chosen = variant(name)
    refs = Refs(cluster_arn=f"arn:aws:rds:{region}:1:cluster:own", topic_arn=f"arn:aws:sns:{region}:1:topic")
    return facts_of(chosen.spec, chosen.names, region, refs)


def states(definition: Json) -> Iterator[tuple[str, Json]]:
    for name, state in definition["States"].items():
        yield name, state
        for each in state.get("Branches", ()):
            yield from states(each)


def action(state: Json) -> str:
    resource = str(state["Resource"]).removeprefix("arn:aws:states:::").removeprefix("aws-sdk:")
    return resource.removesuffix(".waitForTaskToken")


def ways(definition: Json, name: str, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every way through a machine, errors included."""
    path = (*before, name)
    following = list(dict.fromkeys(next_states(definition["States"][name])))
    if not following:
        yield path
    for next_ in following:
        yield from ways(definition, next_, path)


@pytest.mark.parametrize("name", ["dev", "prod", "pilot-light", "active-active", "provisioned"])
def test_every_task_has_a_time_out_and_calls_what_a_recovery_may(name: str) -> None:
    for definition in (machine(facts(name)), relay(facts(name))):
        tasks = {each: state for each, state in states(definition) if state["Type"] == "Task"}
        assert len(tasks) > 5
        for each, state in tasks.items():
            assert state["TimeoutSeconds"] <= 60, each
            assert action(state) in ALLOWED, each
            assert not FORBIDDEN.search(action(state)), each


def test_no_write_opens_before_the_fence_and_the_tiers_on_any_way() -> None:
    definition = machine(facts())
    opened = [way for way in ways(definition, "Check the order") if "Open writes" in way]
    assert opened
    for way in opened:
        order = ["Take the lock", "Fence", "Recover", "Is this still the newest failover", "Open writes"]
        assert [way.index(step) for step in order] == sorted(way.index(step) for step in order)


def test_a_confirmed_fence_is_waited_for_as_long_as_the_application_may_still_write() -> None:
    definition = machine(facts())
    assert definition["States"]["Let the last writes end"]["Seconds"] == FENCE_SETTLES_SECONDS
    assert FENCE_SETTLES_SECONDS >= APPLICATION_SETTLES
    rule = definition["States"]["Did anybody confirm"]["Choices"][0]
    assert rule["Next"] == "Let the last writes end"
    assert definition["States"]["Let the last writes end"]["Next"] == "Recover"


def test_the_word_for_nobody_is_the_applications() -> None:
    assert NOBODY == NO_REGION


def test_every_region_is_closed_and_the_own_one_first_of_all_by_itself() -> None:
    fence = machine(facts())["States"]["Fence"]
    closed = [
        state["Parameters"].get("Value") or state["Parameters"]["Entries"][0]["Detail"]["to"]
        for each in fence["Branches"]
        for _name, state in states(each)
        if state["Type"] == "Task" and ("Value" in state["Parameters"] or "Entries" in state["Parameters"])
    ]
    assert closed == [NOBODY, THERE, THERE]  # strictly, or if it answers


def test_everything_that_is_called_is_in_the_own_region() -> None:
    text = json.dumps([machine(facts()), relay(facts())])
    assert re.findall(rf"arn:aws:\w+:{THERE}:", text) == []
    assert f"arn:aws:rds:{HERE}:1:cluster:own" in text


def test_data_is_lost_only_when_asked_for_and_unplanned() -> None:
    found = dict(states(machine(facts())))
    lossy = [name for name, state in found.items() if "AllowDataLoss" in state.get("Parameters", {})]
    assert lossy == ["Promote with loss of data"]
    planned = found["Planned or not"]
    assert planned["Choices"] == [
        {"Variable": "$.mode", "StringEquals": "planned", "Next": "Ask the writer to hand over"}
    ]
    assert planned["Default"] == "Promote with loss of data"
    assert [rule["Next"] for rule in found["Check the order"]["Choices"]] == ["Refuse the order", "Refuse to lose data"]


def test_the_lock_is_released_on_every_way_after_it_was_taken() -> None:
    definition = machine(facts())
    for way in ways(definition, "Check the order"):
        if "Read who is open" in way:
            assert {"Release the lock", "Release after a failure"} & set(way), way


def test_a_failure_is_told_to_people_before_the_machine_fails() -> None:
    definition = machine(facts())
    for way in ways(definition, "Check the order"):
        if "Failed" in way:
            assert "Tell of the failure" in way


def test_active_active_moves_the_database_alone() -> None:
    definition = machine(facts("active-active"))
    assert "Fence" not in definition["States"]
    assert not [state for _, state in states(definition) if state.get("Parameters", {}).get("Name") == "/x"]
    named = json.dumps(definition)
    assert '"Value": "none"' not in named
    assert "rds:failoverGlobalCluster" in named


def test_only_a_pilot_light_makes_an_instance() -> None:
    assert "Make the first instance" not in dict(states(machine(facts("dev"))))
    made = dict(states(machine(facts("pilot-light"))))["Make the first instance"]["Parameters"]
    assert made["DbClusterIdentifier"] == "ecommerce-dev"
    assert made["DbInstanceIdentifier"] == "ecommerce-dev-0"


def test_a_system_without_a_standby_that_runs_has_no_failover(synthesized: Synthesize) -> None:
    for name in ("backup-restore", "one-region", "bare"):
        assert not has_failover(variant(name).spec)
        assert [each for each in synthesized(name).everywhere if each.type == "aws_sfn_state_machine"] == []


def test_a_system_without_a_database_still_moves_its_writes() -> None:
    alone = system(without=("database",))
    assert has_failover(alone.spec)
    definition = machine(facts_of(alone.spec, alone.names, HERE, Refs(cluster_arn="", topic_arn="t")))
    assert "rds:" not in json.dumps(definition)
    assert definition["States"]["Open writes"]["Parameters"]["Value"] == HERE


@pytest.mark.parametrize("name", ["dev", "prod", "pilot-light", "three-regions"])
def test_the_longest_path_fits_into_the_rto(name: str) -> None:
    spec = variant(name).spec
    assert slowest(spec) is not None
    assert least_rto_seconds(spec) <= spec.objectives.rto_seconds


def test_the_longest_path_adds_up_every_time_out_retry_and_wait() -> None:
    look = {"Look": call("x:y", {}, comment="", then="Is it", retries=0, seconds=4), "Is it": done()}
    definition = branch(
        "First",
        {
            "First": call("x:y", {}, comment="", then="Choose", seconds=5, retries=2),  # 5*3 + 1 + 2
            "Choose": choose([({"Variable": "$.a", "IsPresent": True}, "Slow")], comment="", otherwise="Quick"),
            "Slow": wait(100, comment="", then="Poll"),
            "Quick": wait(1, comment="", then="Bad"),
            "Bad": fail("No", "never"),
            "Poll": poll(look, "Look", comment="", then="End", attempts=3, interval=10),  # 4*4 + 3*10
            "End": done(),
        },
    )
    assert longest_path(definition) == Way(seconds=18 + 100 + 46, states=("First", "Choose", "Slow", "Poll", "End"))
    assert longest_path(definition, until="Slow").seconds == 118


def test_states_in_a_circle_and_tasks_without_a_time_out_have_no_longest_path() -> None:
    circle = branch("A", {"A": wait(1, comment="", then="B"), "B": wait(1, comment="", then="A")})
    with pytest.raises(ValueError, match="A → B → A"):
        longest_path(circle)
    endless = branch("A", {"A": {"Type": "Task", "Comment": "forever", "End": True}})
    with pytest.raises(ValueError, match="forever"):
        longest_path(endless)
    with pytest.raises(ValueError, match="no path ends well"):
        longest_path(branch("A", {"A": fail("No", "never")}))


def test_a_machine_names_only_states_that_it_has() -> None:
    for name in ("dev", "pilot-light", "active-active", "three-regions"):
        for definition in (machine(facts_of_first_standby(name)), relay(facts_of_first_standby(name))):
            complete(definition)


def facts_of_first_standby(name: str) -> Facts:
    return facts(name, variant(name).standbys[0].name)


def complete(definition: Json) -> None:
    """See that every state is reached, and every name leads to a state; the same of every branch."""
    found = definition["States"]
    reached = {definition["StartAt"], *(each for state in found.values() for each in next_states(state))}
    assert reached == set(found)
    for state in found.values():
        for each in state.get("Branches", ()):
            complete(each)


def test_what_is_deployed_is_the_definition_with_a_bound_and_logs_and_the_regions_key(either: Synthesized) -> None:
    for stack in either.regional:
        deployed = stack.by_path("failover/machine")
        assert json.loads(deployed.raw["definition"])["TimeoutSeconds"] == 2 * slowest(either.system.spec).seconds  # type: ignore[union-attr] # there is one
        assert deployed["type"] == "STANDARD"
        assert deployed["tracing_configuration"] == {"enabled": True}
        assert deployed["encryption_configuration"]["kms_key_id"] == "key/key.arn"
        assert deployed["logging_configuration"]["level"] == "ALL"
        assert {"failover/failover-role/deliver-logs", "failover/failover-role/use-key"} <= set(deployed.depends_on)


def test_the_role_may_call_what_the_machine_calls_and_touches_no_other_region(either: Synthesized) -> None:
    for stack in either.regional:
        others = [plan.name for plan in either.system.regions if plan.name != stack.place]
        policies = [
            each for each in stack.all("aws_iam_role_policy") if each.path.startswith("failover/failover-role/")
        ]
        text = json.dumps([each.parsed("policy") for each in policies])
        assert not [other for other in others if other in text]
        allowed = {each for policy in policies for s in policy.statements().values() for each in many(s["Action"])}
        assert not [each for each in allowed if each.startswith(("iam:", "route53:", "cloudfront:"))]
        assert {"rds:FailoverGlobalCluster", "lambda:PutFunctionConcurrency", "ssm:PutParameter"} <= allowed


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_messages_go_to_the_bus_of_the_other_region_and_own_ones_to_the_relay(dev: Synthesized) -> None:
    for stack in dev.regional:
        (other,) = [plan.name for plan in dev.system.regions if plan.name != stack.place]
        target = stack.by_path("failover/peer-0-target")
        assert target["arn"].split(":")[3] == other
        assert stack.by_path("failover/peer-0").parsed("event_pattern")["detail"] == {"to": [other]}
        assert stack.by_path("failover/own-target")["arn"] == "failover/relay.arn"
        assert stack.by_path("failover/own").parsed("event_pattern")["detail"] == {"to": [stack.place]}


def test_terraform_leaves_alone_what_a_failover_moves(dev: Synthesized) -> None:
    for stack in dev.regional:
        assert stack.by_path("parameters/failover-epoch")["lifecycle"] == {"ignore_changes": ["insecure_value"]}
    scaled = {"ignore_changes": ["reserved_concurrent_executions"]}
    assert dev.standby.by_path("service/function")["lifecycle"] == scaled
    assert "lifecycle" not in dev.primary.by_path("service/function").raw


def test_epochs_sort_by_time_and_the_first_is_before_all() -> None:
    first = "0000-00-00T00:00:00.000Z/0"
    times = ["2026-01-01T00:00:00.000Z/1", "2026-01-01T00:00:00.000Z/2", "2026-01-01T00:00:00.001Z/1"]
    assert all(earlier < later for earlier, later in pairwise([first, *times]))


def test_the_picture_in_the_docs_is_the_machine() -> None:
    from lifeboat.failover.docs import PAGE, redrawn  # noqa: PLC0415 the tool, only here

    text = PAGE.read_text(encoding="utf-8")
    assert redrawn(text) == text, "run `python -m lifeboat.failover.docs`"
    assert text.count("```mermaid") == 3
    assert Path(PAGE).name == "failover.md"
