"""Drills on AWS: the Fault Injection Service takes a region away from the system, and gives it back.

Nothing here runs unless it was asked for twice: by a flag, and by naming the account. The experiment cuts the system's
subnets off, and pauses the replication of its tables and buckets:
https://docs.aws.amazon.com/fis/latest/userguide/cross-region-scenario.html
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any

from deployments.system import System
from lifeboat.drill.record import Call, Moment
from lifeboat.drill.surroundings import Reply, Way
from lifeboat.failover.clients import Clients, explained
from lifeboat.failure import Exit, Failure

HTTPS = 443
TIMEOUT_SECONDS = 5.0
LONGEST = "PT1H"
"""An experiment that nobody ends ends by itself."""
POLL_SECONDS = 5.0
STARTING = {"pending", "initiating"}
TAGS = ("Deployment", "EnvironmentSuffix")

__all__ = ["AwsSurroundings", "guard", "template"]


def guard(
    system: System, *, break_aws: bool, accounts: Sequence[str], role: str, clients: Clients | None = None
) -> None:
    """Refuse to take anything away unless that was asked for, in an account that was named.

    Raises:
        Failure: With exit code 3, and what is missing.
    """
    missing = [
        *([] if break_aws else ["--break-aws: clients of the system really lose the region"]),
        *([] if accounts else ["--account: the accounts that may be drilled"]),
        *([] if role else ["--fault-role: the role that the Fault Injection Service takes on"]),
    ]
    if missing:
        raise Failure("\n  ".join([f"a drill of {system.names.prefix} on AWS needs", *missing]), Exit.GUARDED)
    with explained("the account of these credentials is not known"):
        region = system.primary.name
        account = str((clients or Clients())("sts", region).get_caller_identity()["Account"])
    if account not in accounts:
        raise Failure(
            f"these credentials are for account {account}, which may not be drilled; allowed: {', '.join(accounts)}",
            Exit.GUARDED,
        )


def template(system: System, *, role: str) -> dict[str, Any]:
    """Return the experiment that takes a region away from the system, as CreateExperimentTemplate takes it.

    Args:
        system: What is drilled; the experiment touches what bears its tags, and nothing else.
        role: ARN of the role that does it.
    """
    tags = dict(zip(TAGS, (system.spec.name, system.suffix), strict=True))
    targets: dict[str, Any] = {
        "subnets": {"resourceType": "aws:ec2:subnet", "resourceTags": tags, "selectionMode": "ALL"},
    }
    actions: dict[str, Any] = {
        "cut-off": {
            "actionId": "aws:network:disrupt-connectivity",
            "description": "The subnets of the system reach nobody",
            "parameters": {"duration": LONGEST, "scope": "all"},
            "targets": {"Subnets": "subnets"},
        },
    }
    if system.spec.tables:
        targets["tables"] = {
            "resourceType": "aws:dynamodb:global-table",
            "resourceTags": tags,
            "selectionMode": "ALL",
        }
        actions["pause-tables"] = {
            "actionId": "aws:dynamodb:global-table-pause-replication",
            "description": "Nothing of the tables leaves or reaches the region",
            "parameters": {"duration": LONGEST},
            "targets": {"Tables": "tables"},
        }
    if system.spec.buckets:
        targets["buckets"] = {"resourceType": "aws:s3:bucket", "resourceTags": tags, "selectionMode": "ALL"}
        others = ",".join(plan.name for plan in system.regions[1:])
        actions["pause-buckets"] = {
            "actionId": "aws:s3:bucket-pause-replication",
            "description": "Nothing of the buckets leaves the region",
            "parameters": {"duration": LONGEST, "destinationRegions": others},
            "targets": {"Buckets": "buckets"},
        }
    return {
        "description": f"{system.names.prefix} loses a region",
        "roleArn": role,
        "stopConditions": [{"source": "none"}],
        "targets": targets,
        "actions": actions,
        "tags": tags | {"ManagedBy": "lifeboat-drill", "Name": f"{system.names.prefix}-drill"},
    }


class AwsSurroundings:
    """AWS: clients resolve and connect as everywhere, and a region is taken away by an experiment."""

    detection_factor = 1.0
    databases = False
    certificate: str | None = None

    def __init__(self, clients: Clients, system: System, *, role: str) -> None:
        """Prepare; nothing is taken away yet."""
        self._clients, self._system, self._role = clients, system, role
        self._running: dict[str, tuple[str, str]] = {}
        self.simulated: tuple[str, ...] = (
            "The region was cut off by fault injection: its control planes went on answering.",
            "PostgreSQL was not written to: it cannot be reached from outside of the network.",
        )

    def begin(self) -> None:
        """Nothing to get ready."""

    def end(self) -> None:
        """End every experiment and remove its template."""
        self.lighten(None, None)

    def resolve(self, name: str) -> Way:
        """Ask the resolver of this machine, and tell the region by which region's own name leads to the same place."""
        addresses = _addresses(name)
        region = next(
            (
                plan.name
                for plan in self._system.regions
                if addresses & _addresses(self._system.regional_hostname(plan.name))
            ),
            "",
        )
        return Way(target=name, region=region, ttl_seconds=TIMEOUT_SECONDS)

    def call(self, way: Way, host: str, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request."""
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(way.target, HTTPS, timeout=TIMEOUT_SECONDS, context=context)
        try:
            connection.request(method, path, body=body or None, headers={**headers, "Host": host})
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(status=answer.status, headers=got, body=answer.read())
        except (OSError, http.client.HTTPException):
            return Reply(status=0)
        finally:
            connection.close()

    def darken(self, where: str, service: str | None) -> None:
        """Start the experiment in a region, and wait until it runs.

        Raises:
            Failure: What the scenario asks for cannot be taken away on AWS.
        """
        if service or where not in {plan.name for plan in self._system.regions}:
            raise Failure(f"on AWS whole regions can be taken away; not {service or 'the control planes of'} {where}")
        fis = self._clients("fis", where)
        with explained(f"{where} cannot be taken away"):
            made = fis.create_experiment_template(**template(self._system, role=self._role))
            identifier = made["experimentTemplate"]["id"]
            started = fis.start_experiment(experimentTemplateId=identifier)["experiment"]["id"]
            self._running[where] = (identifier, started)
            while fis.get_experiment(id=started)["experiment"]["state"]["status"] in STARTING:
                time.sleep(POLL_SECONDS)

    def lighten(self, where: str | None, service: str | None) -> None:  # noqa: ARG002 no single services here
        """Stop experiments and remove their templates."""
        for region in [where] if where else list(self._running):
            identifier, started = self._running.pop(region, ("", ""))
            if not identifier:
                continue
            fis = self._clients("fis", region)
            with explained(f"the experiment {started} in {region} cannot be ended: end it by hand"):
                fis.stop_experiment(id=started)
                fis.delete_experiment_template(id=identifier)

    def hold_replication(self, region: str, *, held: bool) -> None:
        """Refuse: it belongs to the experiment.

        Raises:
            Failure: Always.
        """
        raise Failure(f"on AWS the replication of {region} is paused with its region (held: {held})")

    def dark_calls(self) -> list[Call]:
        """Nothing is known of calls here; CloudTrail knows."""
        return []

    def turns(self) -> list[Moment]:
        """Nothing is known here; the alarms of the health checks tell."""
        return []


def _addresses(name: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, HTTPS, type=socket.SOCK_STREAM)}
    except OSError:
        return set()
