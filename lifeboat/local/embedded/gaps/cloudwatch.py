"""CloudWatch: alarms start without data, composite alarms follow their children, and actions are taken."""

from __future__ import annotations

import json
from collections.abc import Iterable

from moto.awslambda.models import lambda_backends
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.sns.models import sns_backends

from lifeboat.local.embedded.alarm_rule import AlarmRule
from lifeboat.local.embedded.gap import Gap

SUPPRESSOR = {
    "ActionsSuppressor": "actions_suppressor",
    "ActionsSuppressorWaitPeriod": "actions_suppressor_wait_period",
    "ActionsSuppressorExtensionPeriod": "actions_suppressor_extension_period",
}


def state_of(backend: CloudWatchBackend, name: str) -> str | None:
    """Return the state of an alarm; None when there is no such alarm."""
    alarm = backend.alarms.get(name)
    return alarm.state_value if alarm else None


def move(backend: CloudWatchBackend, alarm: Alarm, state: str, reason: str, data: str | None) -> None:
    """Put an alarm into a state; take its actions when the state is a new one."""
    before = alarm.state_value
    alarm.update_state(reason, data, state)
    suppressor = str(getattr(alarm, "actions_suppressor", None) or "")
    suppressed = bool(suppressor) and state_of(backend, suppressor.rsplit(":", 1)[-1]) == "ALARM"
    if before == state or not alarm.actions_enabled or suppressed:
        return
    by_state = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}
    message = json.dumps(notification(backend, alarm, before))
    for action in by_state.get(state, alarm.insufficient_data_actions) or ():
        act(backend.account_id, action, f'{state}: "{alarm.name}"', message)


def act(account: str, action: str, subject: str, message: str) -> None:
    """Publish to a topic or call a function; other actions have nothing to act on here."""
    _, _, service, region, *_ = action.split(":")
    if service == "sns":
        sns_backends[account][region].publish(message=message, arn=action, subject=subject[:100])
    elif service == "lambda":
        headers = {"X-Amz-Invocation-Type": "Event"}
        lambda_backends[account][region].invoke(action, None, message, headers, {})


def notification(backend: CloudWatchBackend, alarm: Alarm, before: str) -> dict[str, object]:
    """Return the document that AWS publishes when an alarm changes its state."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": backend.account_id,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": alarm.state_updated_timestamp.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
        "Region": backend.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
    }


def follow(backend: CloudWatchBackend, composites: Iterable[Alarm]) -> None:
    """Bring composite alarms in line with the alarms that their rules name, until nothing changes."""
    pending = list(composites)
    changed = True
    while changed:
        changed = False
        for alarm in pending:
            holds = AlarmRule(alarm.rule, lambda name: state_of(backend, name)).holds()
            state = "ALARM" if holds else "OK"
            if state != alarm.state_value:
                changed = True
                move(backend, alarm, state, f"{alarm.rule} is {str(holds).upper()}", "{}")


def composites_of(backend: CloudWatchBackend) -> list[Alarm]:
    """Return the composite alarms of one region."""
    return [alarm for alarm in backend.alarms.values() if alarm.rule]


def fill_actions() -> None:
    """Take an alarm's actions when SetAlarmState changes its state."""
    check = CloudWatchBackend.set_alarm_state

    def set_alarm_state(
        self: CloudWatchBackend, alarm_name: str, reason: str, reason_data: str | None, state_value: str
    ) -> None:
        alarm = self.alarms.get(alarm_name)
        before = alarm.state_value if alarm else None
        check(self, alarm_name, reason, reason_data, state_value)
        alarm = self.alarms[alarm_name]
        alarm.history.pop()
        alarm.state_value = before
        move(self, alarm, state_value, reason, reason_data)
        follow(self, composites_of(self))

    CloudWatchBackend.set_alarm_state = set_alarm_state


def fill_composite() -> None:
    """Add composite alarms, evaluated when they are made and when a child changes."""

    def put_composite_alarm(self: CloudWatchResponse) -> ActionResult:
        answer = self.put_metric_alarm()
        alarm = self.cloudwatch_backend.alarms[self._get_param("AlarmName")]
        for parameter, attribute in SUPPRESSOR.items():
            setattr(alarm, attribute, self._get_param(parameter))
        follow(self.cloudwatch_backend, [alarm])
        return answer

    CloudWatchResponse.put_composite_alarm = put_composite_alarm


def fill_first_state() -> None:
    """Start alarms in INSUFFICIENT_DATA; keep the state of one that is put again."""
    put = CloudWatchBackend.put_metric_alarm

    def put_metric_alarm(self: CloudWatchBackend, name: str, **settings: object) -> Alarm:
        before = self.alarms.get(name)
        alarm = put(self, name=name, **settings)
        alarm.state_value = before.state_value if before else "INSUFFICIENT_DATA"
        return alarm

    CloudWatchBackend.put_metric_alarm = put_metric_alarm


def fill_state_filter() -> None:
    """Let every condition of DescribeAlarms hold at once, the state among them."""
    plain = CloudWatchResponse.describe_alarms

    def describe_alarms(self: CloudWatchResponse) -> ActionResult:
        answer = plain(self)
        state = self._get_param("StateValue")
        if state:
            for kind in ("MetricAlarms", "CompositeAlarms"):
                answer.result[kind] = [alarm for alarm in answer.result[kind] if alarm.state_value == state]
        return answer

    CloudWatchResponse.describe_alarms = describe_alarms


GAPS = (
    Gap(
        name="cloudwatch.first_state",
        missing="A new alarm is OK before it has seen any data.",
        matters="A health check on an alarm without data would never be tried in the state it starts in.",
        fill=fill_first_state,
    ),
    Gap(
        name="cloudwatch.state_filter",
        missing="A prefix of names makes DescribeAlarms forget the state that was asked for.",
        matters="Every alarm of a system would look as if it were firing.",
        fill=fill_state_filter,
    ),
    Gap(
        name="cloudwatch.actions",
        missing="An alarm's actions are never taken.",
        matters="Nobody could see that an alarm reaches the people it should page.",
        fill=fill_actions,
    ),
    Gap(
        name="cloudwatch.composite",
        missing="PutCompositeAlarm does not exist.",
        matters="A stack that pages once per incident could not be applied.",
        fill=fill_composite,
    ),
)
