"""Route 53: alarm-based health checks, real health, private zones, deleting one record of a set."""

from __future__ import annotations

from http import HTTPStatus

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.route53.models import HealthCheck, Route53Backend
from moto.route53.responses import Route53

from lifeboat.local.embedded import endpoint
from lifeboat.local.embedded.checkers import Checkers, is_inverted
from lifeboat.local.embedded.dark import DARK
from lifeboat.local.embedded.gap import Gap

Document = dict[str, object]

# Fields that only checks on an alarm or a routing control have.
OWN_FIELDS = ("AlarmIdentifier", "InsufficientDataHealthStatus", "RoutingControlArn")

# How much of an answer is searched for a string.
SEARCHED_BYTES = 5_120

# Fields that those checks do not have.
ENDPOINT_FIELDS = (
    "Port",
    "RequestInterval",
    "FailureThreshold",
    "MeasureLatency",
    "EnableSNI",
    "IPAddress",
    "Regions",
    "ChildHealthChecks",
)


def fill_alarm_checks() -> None:
    """Keep the alarm of a health check, and show no settings that only an endpoint has."""
    create, update = Route53.create_health_check, Route53.update_health_check
    read = HealthCheck.health_check_config.fget

    def create_health_check(self: Route53) -> ActionResult:
        answer = create(self)
        config = self._get_param("HealthCheckConfig")
        answer.result["HealthCheck"].own = {field: config[field] for field in OWN_FIELDS if config.get(field)}
        return answer

    def update_health_check(self: Route53) -> ActionResult:
        answer = update(self)
        check = answer.result["HealthCheck"]
        changes = {field: self._get_param(field) for field in OWN_FIELDS}
        check.own = check.own | {field: value for field, value in changes.items() if value}
        check.health_check_version += 1
        return answer

    def health_check_config(self: HealthCheck) -> Document:
        config: Document = read(self)
        if self.type_ in {"CLOUDWATCH_METRIC", "RECOVERY_CONTROL"}:
            config = {key: value for key, value in config.items() if key not in ENDPOINT_FIELDS}
        own: Document = self.own
        return config | own

    HealthCheck.own = {}
    HealthCheck.health_check_config = property(health_check_config)
    Route53.create_health_check = create_health_check
    Route53.update_health_check = update_health_check


def report(backend: Route53Backend, check: HealthCheck) -> tuple[bool, str]:
    """Return whether a check is healthy now, and what a checker reports.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
    """
    healthy, reason = judge(backend, check)
    return healthy, f"{'Success' if healthy else 'Failure'}: {reason}"


def judge(backend: Route53Backend, check: HealthCheck) -> tuple[bool, str]:
    """Return whether a check is healthy now, and why."""
    if check.disabled:
        return True, "the health check is disabled"
    by_kind = {"CLOUDWATCH_METRIC": judge_alarm, "CALCULATED": judge_children}.get(check.type_, judge_endpoint)
    healthy, reason = by_kind(backend, check)
    return healthy ^ is_inverted(check), reason


def says(backend: Route53Backend, check: HealthCheck) -> str:
    """Return what a checker reports now: what it has seen while the checkers work, else what holds at this moment."""
    if not CHECKERS.speed:
        return report(backend, check)[1]
    healthy = CHECKERS.is_healthy(backend.account_id, check.id)
    reason = CHECKERS.reason(check.id) or "not asked yet"
    return f"{'Success' if healthy else 'Failure'}: {reason}"


def judge_alarm(backend: Route53Backend, check: HealthCheck) -> tuple[bool, str]:
    """Follow the state of the alarm; without data, what the check says about that."""
    alarm = check.own["AlarmIdentifier"]
    found = cloudwatch_backends[backend.account_id][alarm["Region"]].alarms.get(alarm["Name"])
    known = found is not None and not DARK.is_dark(alarm["Region"])
    state = found.state_value if known else "INSUFFICIENT_DATA"
    unsure = check.own.get("InsufficientDataHealthStatus", "LastKnownStatus")
    if state == "INSUFFICIENT_DATA":
        # A check that never knew better is healthy.
        last = getattr(check, "last_known", True)
        healthy = {"Healthy": True, "Unhealthy": False}.get(unsure, last)
    else:
        healthy = check.last_known = state == "OK"
    return healthy, f"the alarm {alarm['Name']} is in state {state}"


def judge_children(backend: Route53Backend, check: HealthCheck) -> tuple[bool, str]:
    """Count the healthy children."""
    children = [backend.health_checks[i] for i in check.children or () if i in backend.health_checks]
    healthy = sum(report(backend, child)[0] for child in children)
    return healthy >= int(check.health_threshold or 0), f"{healthy} of {len(children)} health checks are healthy"


def judge_endpoint(backend: Route53Backend, check: HealthCheck) -> tuple[bool, str]:
    """Ask the endpoint; 2xx and 3xx are healthy, if the answer holds what is searched for."""
    try:
        answer = endpoint.ask(
            account=backend.account_id,
            host=str(check.fqdn or check.ip_address),
            port=int(check.port),
            path=check.resource_path or "/",
        )
    except endpoint.UnreachableError as error:
        return False, str(error)
    reason = f"HTTP Status Code {answer.status}, {HTTPStatus(answer.status).phrase}"
    if not 200 <= answer.status < 400:
        return False, reason
    if check.type_.endswith("_STR_MATCH"):
        found = check.search_string.encode() in answer.body[:SEARCHED_BYTES]
        return found, f"{reason}, {'with' if found else 'without'} the string that was searched for"
    return True, reason


CHECKERS = Checkers(judge)
"""The checkers of this process."""


def fill_health_status() -> None:
    """Answer GetHealthCheckStatus with what the checkers would see."""

    def get_health_check_status(self: Route53) -> ActionResult:
        check = self.backend.get_health_check(self._get_param("HealthCheckId"))
        status = {"Status": says(self.backend, check), "CheckedTime": utcnow()}
        regions = check.regions or ["us-east-1", "us-west-1", "eu-west-1"]
        observed = [{"Region": r, "IPAddress": "192.0.2.1", "StatusReport": status} for r in regions]
        return ActionResult({"HealthCheckObservations": observed})

    Route53.get_health_check_status = get_health_check_status


def fill_private_zone() -> None:
    """Make a zone private when it is created with a VPC, as AWS does."""
    read = Route53._get_bool_param

    def get_bool_param(self: Route53, name: str, if_none: bool | None = None) -> bool | None:
        if name == "HostedZoneConfig.PrivateZone" and self._get_param("VPC.VPCId"):
            return True
        answer: bool | None = read(self, name, if_none)
        return answer

    Route53._get_bool_param = get_bool_param


def fill_delete_one() -> None:
    """Delete the one record that is named, not every record with its set identifier in the zone."""
    change = Route53Backend.change_resource_record_sets

    def change_resource_record_sets(self: Route53Backend, zoneid: str, change_list: list[Document]) -> None:
        zone = self.get_hosted_zone(zoneid)
        doomed = [item["ResourceRecordSet"] for item in change_list if item["Action"] == "DELETE"]
        before = list(zone.rrsets)
        change(self, zoneid, change_list)
        kept = [r for r in before if not any(matches(r, gone) for gone in doomed) and r not in zone.rrsets]
        replaced = {(r.name, r.type, r.set_identifier) for r in zone.rrsets}
        zone.rrsets += [r for r in kept if (r.name, r.type, r.set_identifier) not in replaced]

    Route53Backend.change_resource_record_sets = change_resource_record_sets


def matches(record: object, named: object) -> bool:
    """Tell whether a change names this record."""
    fields = named if isinstance(named, dict) else {}
    name, kind = getattr(record, "name", ""), getattr(record, "type", "")
    return (name.rstrip("."), kind, getattr(record, "set_identifier", None)) == (
        str(fields.get("Name", "")).rstrip("."),
        fields.get("Type"),
        fields.get("SetIdentifier"),
    )


def fill_query_log_arn() -> None:
    """Accept the ARN of a log group without the `:*` behind it."""
    create = Route53Backend.create_query_logging_config

    def create_query_logging_config(self: Route53Backend, hosted_zone_id: str, log_group_arn: str) -> object:
        bare = log_group_arn.removesuffix(":*")
        config = create(self, hosted_zone_id, f"{bare}:*")
        config.cloud_watch_logs_log_group_arn = log_group_arn
        return config

    Route53Backend.create_query_logging_config = create_query_logging_config


GAPS = (
    Gap(
        name="route53.alarm_checks",
        missing="A health check on an alarm loses the alarm.",
        matters="Every plan would replace the check that decides over a failover.",
        fill=fill_alarm_checks,
    ),
    Gap(
        name="route53.health_status",
        missing="Every health check always reports success.",
        matters="A drill could not show that traffic leaves a region that is gone.",
        fill=fill_health_status,
    ),
    Gap(
        name="route53.private_zone",
        missing="A zone made with a VPC is public.",
        matters="Every plan would attach the VPC again.",
        fill=fill_private_zone,
    ),
    Gap(
        name="route53.delete_one",
        missing="Deleting a record deletes every record of the zone with the same set identifier.",
        matters="Removing one failover pair would take the others with it.",
        fill=fill_delete_one,
    ),
    Gap(
        name="route53.query_log_arn",
        missing="The ARN of a log group is refused without its last two characters.",
        matters="Query logging could not be applied.",
        fill=fill_query_log_arn,
    ),
)
