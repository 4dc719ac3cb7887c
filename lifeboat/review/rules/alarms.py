"""Alarms that are lost, tell nobody, or ring later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison, StackChange, What
from lifeboat.review.differences import ABSENT, Difference
from lifeboat.review.rules.rule import Found, Rule, arrow, leaves, number
from lifeboat.review.rules.settings import gone, off_unless_absent

ALARMS = {"aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"}
SIGNATURE = ("namespace", "metric_name", "comparison_operator", "threshold", "provider", "alarm_rule")
LATER = {
    "evaluation_periods": "it rings later",
    "datapoints_to_alarm": "it rings later",
    "period": "it rings later",
}
QUIET = ("notBreaching", "ignore", "missing")
"""What missing data may mean, other than trouble:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-and-missing-data"""


def _lost(comparison: Comparison) -> Iterator[Found]:
    new = Counter(_watched(stack, change) for stack, change in comparison.changes if change.what is What.ADDED)
    for stack, change in comparison.changes:
        if change.what is What.REMOVED and change.block.type in ALARMS and stack.head is not None:
            if new[_watched(stack, change)]:
                new[_watched(stack, change)] -= 1  # the same alarm of something that goes by another name
                continue
            evidence = f"removed: {change.block.get('alarm_name')}: {change.block.get('alarm_description') or ''}"
            yield Found(title="an alarm is lost", evidence=evidence.rstrip(": "), stack=stack, change=change)
        elif (
            change.what is What.REMOVED and change.block.type == "aws_sns_topic_subscription" and stack.head is not None
        ):
            evidence = f"removed: {change.block.get('protocol')} {change.block.get('endpoint')}"
            yield Found(title="somebody is no longer told of alarms", evidence=evidence, stack=stack, change=change)


def _watched(stack: StackChange, change: BlockChange) -> tuple[str, ...]:
    """Return what an alarm watches, but for whose metric it is."""
    return (stack.name, change.block.type, *(str(change.block.get(argument)) for argument in SIGNATURE))


def _silenced(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.block.type not in ALARMS or change.after is None:
            continue
        for each in leaves(change):
            evidence = f"{each.place}: {arrow(each.before, each.after)}"
            if each.argument == "alarm_actions" and gone(each):
                yield Found(title="the alarm no longer tells somebody", evidence=evidence, stack=stack, change=change)
            elif each.argument == "actions_enabled" and off_unless_absent(each):
                yield Found(title="the alarm tells nobody", evidence=evidence, stack=stack, change=change)


def _loosened(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.block.type not in ALARMS or change.after is None:
            continue
        for each in change.differences:
            title = _later(each, change)
            if title:
                evidence = f"{each.place}: {arrow(each.before, each.after)}"
                yield Found(title=title, evidence=evidence, stack=stack, change=change)


def _later(each: Difference, change: BlockChange) -> str:
    """Say how an alarm became weaker. Empty: it did not."""
    before, after = number(each.before), number(each.after)
    grew = before is not None and after is not None and after > before
    fell = before is not None and after is not None and after < before
    operator = str(change.block.get("comparison_operator"))
    if each.argument == "threshold" and (
        (operator.startswith("Greater") and grew) or (operator.startswith("Less") and fell)
    ):
        return "the alarm's threshold is looser"
    if each.argument in LATER and grew:
        return LATER[each.argument]
    if each.argument == "treat_missing_data" and each.before == "breaching" and each.after in (*QUIET, ABSENT):
        return "the alarm stays quiet when its metric is missing"
    return ""


RULES = (
    Rule(
        id="alarm-lost",
        severity=Severity.HIGH,
        advice="Keep the alarm, or name the one that notices the same thing now",
        find=_lost,
    ),
    Rule(
        id="alarm-silenced",
        severity=Severity.HIGH,
        advice="Give the alarm an action again: one that nobody hears is none",
        find=_silenced,
    ),
    Rule(
        id="alarm-loosened",
        severity=Severity.MEDIUM,
        advice="Derive thresholds from the objectives; to loosen one, change the objective, where all can see it",
        find=_loosened,
    ),
)
