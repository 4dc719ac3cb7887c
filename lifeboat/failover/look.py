"""What is asked of each region for a status: every question by itself, so that one silence hides nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from deployments.failover.plan import EPOCH, SWITCH, UNAWARE, has_failover, has_global_database
from deployments.naming import Names
from deployments.system import RegionPlan, System
from lifeboat.failover.clients import Client, Clients, Silence, ask_all
from lifeboat.failover.look_stores import store_questions

Json = dict[str, Any]
Question = Callable[[], Json]

GLOBAL_REGION = "us-east-1"
"""Where the control planes of Route 53 and IAM live."""


def questions(clients: Clients, system: System, plan: RegionPlan) -> dict[str, Question]:
    """Return what one region is asked, by a name. Every answer is JSON."""
    names, region, spec = system.names, plan.name, system.spec
    asked: dict[str, Question] = {
        "switch": lambda: _parameter(clients("ssm", region), names.path(SWITCH)),
        "alarms": lambda: _alarms(clients("cloudwatch", region), names.prefix),
    }
    if has_failover(spec):
        asked["epoch"] = lambda: _parameter(clients("ssm", region), names.path(*EPOCH.split("/")))
        asked["failovers"] = lambda: _failovers(clients, system, region)
        if spec.strategy != "active-active":
            asked["unaware"] = lambda: _parameter(clients("ssm", region), names.path(*UNAWARE.split("/")))
    if spec.service and plan.capacity.service:
        function = names.of("function", spec.service.function)
        asked["function"] = lambda: _function(clients("lambda", region), function)
    if spec.container and plan.capacity.service:
        asked["containers"] = lambda: _containers(clients("ecs", region), names)
    return asked | store_questions(clients, system, plan)


def services(system: System) -> list[str]:
    """Name the services that are asked."""
    spec = system.spec
    needed = {
        "ssm": True,
        "cloudwatch": True,
        "sts": has_failover(spec) or bool(spec.buckets),
        "stepfunctions": has_failover(spec),
        "rds": has_global_database(spec),
        "dynamodb": bool(spec.tables),
        "s3": bool(spec.buckets),
        "efs": spec.file_system is not None,
        "lambda": spec.service is not None,
        "ecs": spec.container is not None,
    }
    return [service for service, is_needed in needed.items() if is_needed]


def health_questions(clients: Clients, system: System) -> dict[str, Question]:
    """Return what Route 53 is asked: the state of each region's health check. Its control plane may be dark as well."""
    if system.spec.health_path is None:
        return {}
    clients("route53", GLOBAL_REGION)
    return {"health": lambda: _health(clients, system)}


def machine_arn(clients: Clients, system: System, region: str, purpose: str = "failover") -> str:
    """Name a region's state machine."""
    account = clients("sts", region).get_caller_identity()
    partition = account["Arn"].split(":")[1]
    name = system.names.of("state machine", purpose)
    return f"arn:{partition}:states:{region}:{account['Account']}:stateMachine:{name}"


def _parameter(ssm: Client, name: str) -> Json:
    found = ssm.get_parameter(Name=name)["Parameter"]
    return {"value": found["Value"], "version": found["Version"], "since": _text(found.get("LastModifiedDate"))}


def _alarms(cloudwatch: Client, prefix: str) -> Json:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{prefix}-", StateValue="ALARM")
    firing = (alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"])
    return {"firing": sorted(name.removeprefix(f"{prefix}-") for name in firing)}


def _failovers(clients: Clients, system: System, region: str) -> Json:
    states = clients("stepfunctions", region)
    arn = machine_arn(clients, system, region)
    found = states.list_executions(stateMachineArn=arn, maxResults=20)["executions"]
    newest = sorted(found, key=lambda each: each["startDate"], reverse=True)
    return {
        "machine": arn,
        "executions": [
            {"arn": each["executionArn"], "status": each["status"], "started": _text(each["startDate"])}
            for each in newest
        ],
    }


def _function(lambda_: Client, name: str) -> Json:
    found = lambda_.get_function(FunctionName=name)
    return {
        "state": found["Configuration"].get("State", "Active"),
        "concurrency": found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
    }


def _containers(ecs: Client, names: Names) -> Json:
    found = ecs.describe_services(cluster=names.of("cluster"), services=[names.of("service")])["services"]
    if not found:
        return {"status": "MISSING", "running": 0, "wanted": 0}
    return {"status": found[0]["status"], "running": found[0]["runningCount"], "wanted": found[0]["desiredCount"]}


def _health(clients: Clients, system: System) -> Json:
    """Find each region's health check by the name that it asks, and whether enough checkers find it healthy."""
    route53 = clients("route53", GLOBAL_REGION)
    wanted = {system.regional_hostname(plan.name): plan.name for plan in system.regions}
    checks = {
        wanted[check["HealthCheckConfig"]["FullyQualifiedDomainName"]]: check["Id"]
        for page in route53.get_paginator("list_health_checks").paginate()
        for check in page["HealthChecks"]
        # An inverted one asks the same name who takes writes, not whether it can serve.
        if check["HealthCheckConfig"].get("FullyQualifiedDomainName") in wanted
        and not check["HealthCheckConfig"].get("Inverted", False)
    }
    asked = {region: partial(_is_healthy, route53, check) for region, check in checks.items()}
    heard = ask_all(asked, deadline_seconds=clients.deadline_seconds)
    return {region: None if isinstance(healthy, Silence) else healthy for region, healthy in heard.items()}


def _is_healthy(route53: Client, check: str) -> bool:
    seen = route53.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    good = sum(str(each["StatusReport"]["Status"]).startswith("Success") for each in seen)
    return bool(good * 5 > len(seen))  # Route 53 takes an endpoint for healthy when more than 18% of its checkers do


def _text(when: datetime | None) -> str | None:
    return when.astimezone(UTC).isoformat(timespec="seconds") if isinstance(when, datetime) else None
