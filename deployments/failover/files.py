"""Files take over by themselves: the replication that overwrites them ends, and then they can be written.

EFS says of a file system that replication overwrites it (`REPLICATING`) or that it does not. That, and nothing that the
machine remembers, decides what is left to do, so that it may be started again at any time.
"""

from __future__ import annotations

from deployments.failover.facts import Facts, FileSystemFacts
from deployments.failover.states import (
    CALL_RETRIES,
    NOT_YET,
    State,
    States,
    branch,
    call,
    choose,
    done,
    fail,
    fail_with,
    note,
    poll,
)

END_SECONDS = 15
"""How long the call that ends a replication may take; it concerns two regions."""
END_RETRIES = 1
WRITABLE_INTERVAL = 15
OVERWRITTEN = "REPLICATING"


def file_system(facts: Facts) -> State | None:
    """End the replication from this side, and wait until the files can be written.

    https://docs.aws.amazon.com/efs/latest/ug/delete-replications.html
    """
    plan = facts.file_system
    if plan is None:
        return None
    states: States = {
        "Look at the files": _look(plan, then="Are they a replica"),
        "Are they a replica": choose(
            [(_is_overwritten(), "Find their source")],
            comment="Not any more when an earlier run got this far",
            otherwise="The files are written here",
        ),
        "Find their source": _find(plan, then="Is it ending", otherwise="Wait for the files"),
        "Is it ending": choose(
            [(_is_ending(), "Wait for the files")],
            comment="An earlier run may have called for it",
            otherwise="End the replication",
        ),
        **_end(plan),
        "Wait for the files": poll(
            _writable(plan),
            "Look at the files now",
            comment="The end takes minutes; nothing is overwritten after it",
            then="The files are written here",
            attempts=max(1, plan.end_seconds // WRITABLE_INTERVAL),
            interval=WRITABLE_INTERVAL,
        ),
        "The files are written here": note({"tier": "file_system"}, comment="Verified", then=None),
    }
    return branch("Look at the files", states)


def _end(plan: FileSystemFacts) -> States:
    """Call for the end: in both regions, and in this one alone when the other is gone."""
    source = {"SourceFileSystemId.$": "$.replication.source"}
    return {
        "End the replication": call(
            "efs:deleteReplicationConfiguration",
            source,
            comment="The source forgets it, too",
            then="Wait for the files",
            otherwise="Is it there still",
            seconds=END_SECONDS,
            retries=END_RETRIES,
        ),
        "Is it there still": _find(plan, then="Why is it there", otherwise="Wait for the files", keep_error=True),
        "Why is it there": choose(
            [
                (_is_ending(), "Wait for the files"),
                ({"Variable": "$.mode", "StringEquals": "unplanned"}, "End it on this side"),
            ],
            comment="A call whose answer was lost has worked all the same; a source that is gone cannot take part",
            otherwise="The replication did not end",
        ),
        "End it on this side": call(
            "efs:deleteReplicationConfiguration",
            {**source, "DeletionMode": "LOCAL_CONFIGURATION_ONLY"},
            comment="The source's half stays until somebody deletes it there",
            then="Wait for the files",
            seconds=END_SECONDS,
            retries=END_RETRIES,
        ),
        **fail_with("The replication did not end", "$.error"),
    }


def _find(plan: FileSystemFacts, *, then: str, otherwise: str, keep_error: bool = False) -> State:
    """Find the replication. EFS answers with an error when there is none any more."""
    state = call(
        "efs:describeReplicationConfigurations",
        {"FileSystemId": plan.id},
        comment="What overwrites them",
        keep="$.replication",
        select={
            "source.$": "$.Replications[0].SourceFileSystemId",
            "status.$": "$.Replications[0].Destinations[0].Status",
        },
        then=then,
        otherwise=otherwise,
    )
    if keep_error:
        state["Catch"][0]["ResultPath"] = None
    return state


def _writable(plan: FileSystemFacts) -> States:
    """Look once whether the files can be written."""
    return {
        "Look at the files now": _look(plan, then="Can they be written", retries=0),
        "Can they be written": choose(
            [(_is_overwritten(), "They cannot be written yet")],
            comment="Else EFS has made them writable and protects them again",
            otherwise="They can be written",
        ),
        "They can be written": done(),
        "They cannot be written yet": fail(NOT_YET, "Replication may still overwrite the file system"),
    }


def _look(plan: FileSystemFacts, *, then: str, retries: int = CALL_RETRIES) -> State:
    return call(
        "efs:describeFileSystems",
        {"FileSystemId": plan.id},
        comment="Whether replication overwrites them",
        keep="$.files",
        select={"protection.$": "$.FileSystems[0].FileSystemProtection.ReplicationOverwriteProtection"},
        then=then,
        retries=retries,
    )


def _is_overwritten() -> State:
    return {"Variable": "$.files.protection", "StringEquals": OVERWRITTEN}


def _is_ending() -> State:
    return {"Variable": "$.replication.status", "StringEquals": "DELETING"}
