"""States of Amazon States Language as plain dictionaries: each with a time-out, each saying what it is for.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

State = dict[str, Any]
States = dict[str, State]

SDK = "arn:aws:states:::aws-sdk:"
EVENTS = "arn:aws:states:::events:putEvents"

CALL_SECONDS = 5
"""How long one call to AWS may take. Control planes answer within a second or two; one that does not is asked again."""
CALL_RETRIES = 2
RETRY_SECONDS = 1
BACKOFF = 2.0

ANY_ERROR = ["States.ALL"]
STEP_FAILED = "StepFailed"
"""What an execution ends with when Step Functions itself gave up on a step: its time-out, a permission, a path."""


def retry(attempts: int = CALL_RETRIES, *, interval: int = RETRY_SECONDS, errors: Sequence[str] = ()) -> State:
    """Ask again after a refusal, a throttle or no answer in time.

    Args:
        attempts: How often, after the first time.
        interval: Seconds before the first repetition; each later one waits twice as long.
        errors: Errors that are worth it. Absent: any.
    """
    return {
        "ErrorEquals": list(errors) or ["States.ALL"],
        "IntervalSeconds": interval,
        "MaxAttempts": attempts,
        "BackoffRate": BACKOFF,
    }


def catch(next_: str, path: str = "$.error") -> State:
    """Go on elsewhere after an error, which is kept under a path."""
    return {"ErrorEquals": ANY_ERROR, "ResultPath": path, "Next": next_}


def call(
    action: str,
    parameters: Mapping[str, Any],
    *,
    comment: str,
    then: str | None,
    keep: str | None = None,
    select: Mapping[str, Any] | None = None,
    otherwise: str | None = None,
    seconds: int = CALL_SECONDS,
    retries: int = CALL_RETRIES,
) -> State:
    """Call one API action of the machine's own region.

    Step Functions calls no other region: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html

    Args:
        action: Such as `ssm:putParameter`, or `events:putEvents` with an optional `.waitForTaskToken`.
        parameters: Its parameters; a key that ends in `.$` takes its value from the state or the context.
        comment: What it is for, shown to people.
        then: Next state. None: the last of its branch.
        keep: Where the answer is kept. Absent: it is dropped.
        select: What is kept of the answer. Absent: all.
        otherwise: Where to go when it fails for good. Absent: the failure is the machine's.
        seconds: Time-out of each attempt.
        retries: Attempts after the first.
    """
    resource = f"arn:aws:states:::{action}" if action.startswith("events:") else f"{SDK}{action}"
    state: State = {
        "Type": "Task",
        "Comment": comment,
        "Resource": resource,
        "Parameters": dict(parameters),
        "TimeoutSeconds": seconds,
        "ResultPath": keep,
    }
    if select is not None:
        state["ResultSelector"] = dict(select)
    if retries:
        state["Retry"] = [retry(retries)]
    if otherwise:
        state["Catch"] = [catch(otherwise)]
    return _leading(state, then)


def note(result: Mapping[str, Any], *, comment: str, then: str | None, keep: str = "$") -> State:
    """Write something down."""
    return _leading(
        {"Type": "Pass", "Comment": comment, "Parameters": dict(result), "ResultPath": keep},
        then,
    )


def choose(rules: Sequence[tuple[Mapping[str, Any], str]], *, comment: str, otherwise: str) -> State:
    """Go on with the first rule that holds."""
    return {
        "Type": "Choice",
        "Comment": comment,
        "Choices": [{**rule, "Next": next_} for rule, next_ in rules],
        "Default": otherwise,
    }


def wait(seconds: int, *, comment: str, then: str) -> State:
    """Let time pass."""
    return {"Type": "Wait", "Comment": comment, "Seconds": seconds, "Next": then}


def fail(error: str, cause: str) -> State:
    """End, saying why."""
    return {"Type": "Fail", "Error": error, "Cause": cause}


def fail_with(name: str, path: str) -> States:
    """End with an error that was kept, in states of which the first has the name.

    No state may raise an error of Step Functions' own, such as `States.Timeout`, and such an error may have no cause:
    both are told as the cause of a `StepFailed`.
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
    """
    told, untold = f"{name}, for a reason", f"{name}, at a step"
    is_own = {"Variable": f"{path}.Error", "StringMatches": "States.*"}
    is_told = {"And": [{"Variable": f"{path}.Cause", "IsPresent": True}, {"Not": is_own}]}
    return {
        name: choose([(is_told, told)], comment="Errors of Step Functions itself cannot be raised", otherwise=untold),
        told: {"Type": "Fail", "ErrorPath": f"{path}.Error", "CausePath": f"{path}.Cause"},
        untold: {"Type": "Fail", "Error": STEP_FAILED, "CausePath": f"States.JsonToString({path})"},
    }


def done() -> State:
    """End well."""
    return {"Type": "Succeed"}


def branch(start: str, states: States) -> State:
    """Put states together that run by themselves."""
    return {"StartAt": start, "States": states}


def together(
    branches: Sequence[State],
    *,
    comment: str,
    then: str | None,
    keep: str | None = None,
    otherwise: str | None = None,
    again: State | None = None,
) -> State:
    """Run branches side by side; the first that fails ends all of them.

    Args:
        branches: What runs.
        comment: What it is for.
        then: Next state. None: the last of its branch.
        keep: Where the list of their results is kept. Absent: it is dropped.
        otherwise: Where to go when one fails. Absent: the failure is the machine's.
        again: When to begin anew.
    """
    state: State = {"Type": "Parallel", "Comment": comment, "Branches": list(branches), "ResultPath": keep}
    if again:
        state["Retry"] = [again]
    if otherwise:
        state["Catch"] = [catch(otherwise)]
    return _leading(state, then)


def poll(look: States, start: str, *, comment: str, then: str | None, attempts: int, interval: int) -> State:
    """Look until it is so: a branch that ends with the error `NotYet` is begun again.

    A loop of states would need a counter; this way the bound stands in the definition, where it can be added up.

    Args:
        look: States that end well when it is so, and with `NotYet` when not.
        start: The first of them.
        comment: What is waited for.
        then: Next state. None: the last of its branch.
        attempts: Looks after the first.
        interval: Seconds between two looks.
    """
    again = {
        # A look that failed is a look, too: the states below need no retries of their own.
        "ErrorEquals": [NOT_YET, "States.TaskFailed", "States.Timeout"],
        "IntervalSeconds": interval,
        "MaxAttempts": attempts,
        "BackoffRate": 1.0,
    }
    return together([branch(start, look)], comment=comment, then=then, again=again)


NOT_YET = "NotYet"


def _leading(state: State, then: str | None) -> State:
    return {**state, "End": True} if then is None else {**state, "Next": then}
