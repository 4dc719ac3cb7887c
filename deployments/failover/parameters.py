"""States that read and set the parameters by which a region knows who is open, since when, and who was not told of it.

Parameter Store has them in the region itself: no other region has to answer.
"""

from __future__ import annotations

from deployments.failover.states import CALL_RETRIES, State, call


def read(
    name: str, into: str, *, comment: str, then: str, otherwise: str | None = None, retries: int = CALL_RETRIES
) -> State:
    """Read a parameter.

    Args:
        name: Its name.
        into: Where its value is kept: a key of an object that is made for it, such as `$.known.epoch`.
        comment: What it is for, shown to people.
        then: Next state.
        otherwise: Where to go when it cannot be read. Absent: the failure is the machine's.
        retries: Attempts after the first.
    """
    keep, key = into.rsplit(".", 1)
    return call(
        "ssm:getParameter",
        {"Name": name},
        comment=comment,
        keep=keep,
        select={f"{key}.$": "$.Parameter.Value"},
        then=then,
        otherwise=otherwise,
        retries=retries,
    )


def put(
    name: str,
    value: str,
    *,
    comment: str,
    then: str,
    otherwise: str | None = None,
    retries: int = CALL_RETRIES,
    overwrite: bool = True,
) -> State:
    """Set a parameter.

    Args:
        name: Its name.
        value: What it says from then on; a path such as `$.epoch` takes it from the state.
        comment: What it is for, shown to people.
        then: Next state.
        otherwise: Where to go when it cannot be set. Absent: the failure is the machine's.
        retries: Attempts after the first.
        overwrite: False: fail when it is there already.
    """
    return call(
        "ssm:putParameter",
        {
            "Name": name,
            "Value.$" if value.startswith("$.") else "Value": value,
            "Type": "String",
            "Overwrite": overwrite,
        },
        comment=comment,
        then=then,
        otherwise=otherwise,
        retries=retries,
    )
