"""What to do at an alarm, by its name. A new alarm without advice gets the questions that always help."""

from __future__ import annotations

import re

ADVICE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"health-(?P<region>.+)",
        (
            (
                "`lifeboat status {system}`: does {region} answer, and who takes writes? Clients are sent "
                "elsewhere already."
            ),
            "If the region handed over in a planned failover, this alarm is right, and ends with the failback.",
            (
                "If {region} takes writes and is gone: decide within minutes. See [unplanned "
                "failover](#unplanned-failover)."
            ),
            "If it answers and only its health path fails: `/health` names the store that does not answer.",
        ),
    ),
    (
        r"failover-(failed|timed-out)",
        (
            "`lifeboat failover {system} --to <region> --follow` tells which step failed and why.",
            (
                "`lifeboat status {system}`: `fenced: nobody is open` means that no region takes writes. Every "
                "minute counts."
            ),
            "Put right what the step complains about and order the same failover again: it goes on where it stopped.",
        ),
    ),
    (
        r"failover-relay",
        (
            (
                "This region did not do what another one asked: look at the newest execution of "
                "`{system}-failover-relay` here."
            ),
            "While it is not closed, see [fencing by hand](#fencing-by-hand).",
        ),
    ),
    (
        r"database-(replication-lag|rpo-lag)",
        (
            (
                "`lifeboat status {system}` shows how far each region is behind. An unplanned failover now loses "
                "that much."
            ),
            "A burst of writes passes by itself; a standby that is too small does not: raise its capacity.",
            "Order no unplanned failover that can wait; a planned one lets the standby catch up first.",
        ),
    ),
    (
        r"database-storage",
        (
            "A full instance stops. Raise its storage in the description and deploy; it grows while it serves.",
            "Growth within hours is a runaway query or log: Performance Insights and the log group name it.",
        ),
    ),
    (
        r"database-(memory|cpu|capacity|read-latency)",
        (
            (
                "Raise `database.max_acu` (or the instance class) in the description and deploy; Aurora grows "
                "without a restart."
            ),
            "Performance Insights of the cluster show which statement it is.",
        ),
    ),
    (
        r"table-.+-lag",
        (
            (
                "Writes reach the other region late: an unplanned failover now loses what is under way, until "
                "the region is back."
            ),
            "Look at throttled writes of the replicas; the AWS Health Dashboard tells of replication trouble.",
        ),
    ),
    (
        r"table-.+-errors",
        (
            "DynamoDB itself fails in this region. Nothing here repairs it: prepare a failover.",
            "The table is replicated: a planned failover loses nothing as long as the rest of the region answers.",
        ),
    ),
    (
        r"bucket-.+-(lag|failed)",
        (
            "List what did not arrive: objects whose `ReplicationStatus` is `PENDING` or `FAILED`.",
            "After the cause is gone, S3 Batch Replication sends failed objects again; late ones arrive by themselves.",
        ),
    ),
    (
        r"audit-(root-use|denied-calls)",
        (
            "Find the event in CloudTrail: who, from where, what else. Call security when nobody owns up to it.",
            "Disable the credentials first and ask afterwards.",
        ),
    ),
    (
        r"audit-(backup-deleted|key-at-risk|trail-changed)",
        (
            "Find the event in CloudTrail and undo it: a key's deletion can be cancelled, a trail started again.",
            "What was deleted is in the other region's locked vault: copy it back before the next retention ends.",
            "Nobody meant to do it? Then it is an attack: disable the credentials, call security.",
        ),
    ),
    (
        r"backup-overdue",
        (
            "The newest recovery point is older than the objective: start a backup by hand, and say so to who decides.",
            "Look at the plan's jobs in AWS Backup: none started means that the plan or its selection changed.",
        ),
    ),
    (
        r"backup-restore-failed",
        (
            "The restore test names the recovery point and the cause. Try the one before, and the other region's copy.",
            "Until one can be restored there is no recovery: treat it like an outage.",
        ),
    ),
    (
        r"backup(-copy)?-failed",
        (
            "The failed job in AWS Backup names its cause; start it again once that is gone.",
            "Until one succeeds, the newest recovery point grows older than the objective: say so to who decides.",
        ),
    ),
    (
        r"function-throttles",
        (
            (
                "Raise `service.concurrency` in the description and deploy; the account's quota is in `lifeboat "
                "preflight`."
            ),
            "In a standby after a failover: the failover raises the concurrency; see that it ended.",
        ),
    ),
    (
        r"function-dead-letters",
        (
            "Read one message of the queue: it holds the event and the error.",
            "Put the cause right, then send the messages back to the function.",
        ),
    ),
    (
        r"(function|application|load-balancer|api)-.+",
        (
            "The function's log group in this region names the error with its request id.",
            "One region only? Then `lifeboat failover {system} --to <other region>` moves clients without loss.",
            "Both regions? Then it came with a deploy: take that back.",
        ),
    ),
    (
        r"(service|task|container|cluster)-.+",
        (
            "The service's events in ECS say why tasks stop; a failed deploy was rolled back by its circuit breaker.",
            "One region only? Then a planned failover moves clients without loss.",
        ),
    ),
    (
        r"cache-.+",
        ("A cache is disposable: it warms up again. Raise its size in the description when this comes back.",),
    ),
    (
        r"(file-system|efs)-.+",
        ("Replication of files is late: what was written since then is missing in the other region after a failover.",),
    ),
    (
        r"(edge|origin|firewall|waf|cdn|distribution)-.+",
        (
            "Look at the access logs of the distribution: which path, which origin, which rule.",
            "An origin that fails is left out by itself for reads; writes need a failover.",
        ),
    ),
    (
        r"(rotation|secret|credential)-.+",
        ("Credentials were not rotated: the log of the rotation function names the step; the old ones go on working.",),
    ),
)
GENERAL = (
    "The dashboard `{system}` shows the metric beside its neighbours.",
    "`lifeboat status {system}` tells whether the other region is fit to take over.",
)


def advice(name: str, system: str) -> list[str]:
    """Return what to do at an alarm, one sentence or two per step."""
    for pattern, lines in ADVICE:
        found = re.fullmatch(pattern, name)
        if found:
            return [line.replace("{system}", system).replace("{region}", _region(found)) for line in lines]
    return [line.replace("{system}", system) for line in GENERAL]


def _region(found: re.Match[str]) -> str:
    return found.groupdict().get("region") or "the region"
