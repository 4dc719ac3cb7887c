"""Containers take over by number: the fewest tasks of a standby become those of a primary."""

from __future__ import annotations

from deployments.failover.facts import ContainerFacts, Facts
from deployments.failover.states import NOT_YET, State, States, branch, call, choose, done, fail, note, poll

TASKS_INTERVAL = 10
NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"


def container(facts: Facts) -> State | None:
    """Raise the fewest tasks to those of a region that serves, and wait until they run.

    Application Auto Scaling brings the service within its new limits at once, and never below them again:
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
    """
    plan = facts.container
    if plan is None:
        return None
    return branch(
        "Raise the fewest tasks",
        {
            "Raise the fewest tasks": call(
                "applicationautoscaling:registerScalableTarget",
                {
                    "ServiceNamespace": NAMESPACE,
                    "ResourceId": f"service/{plan.cluster}/{plan.service}",
                    "ScalableDimension": DIMENSION,
                    "MinCapacity": plan.tasks,
                },
                comment="From what a standby keeps warm to what a primary needs; scaling goes on from there",
                then="Wait for the tasks",
            ),
            "Wait for the tasks": poll(
                _tasks_run(plan),
                "Count the tasks",
                comment="Tasks take a minute or two to start",
                then="The containers serve here",
                attempts=max(1, plan.start_seconds // TASKS_INTERVAL),
                interval=TASKS_INTERVAL,
            ),
            "The containers serve here": note({"tier": "container"}, comment="Verified", then=None),
        },
    )


def _tasks_run(plan: ContainerFacts) -> States:
    """Look once whether enough tasks run."""
    return {
        "Count the tasks": call(
            "ecs:describeServices",
            {"Cluster": plan.cluster, "Services": [plan.service]},
            comment="How many run by now",
            keep="$.tasks",
            select={"running.$": "$.Services[0].RunningCount"},
            then="Are they enough",
            retries=0,
        ),
        "Are they enough": choose(
            [({"Variable": "$.tasks.running", "NumericGreaterThanEquals": plan.tasks}, "They are enough")],
            comment="Scaling may have started more already",
            otherwise="They are not enough yet",
        ),
        "They are enough": done(),
        "They are not enough yet": fail(NOT_YET, "Fewer tasks run than a region that serves needs"),
    }
