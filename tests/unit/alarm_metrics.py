"""What an alarm looks at, whether it names one metric or asks for several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def metrics(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the metrics of an alarm, each with `namespace`, `metric_name`, `dimensions`."""
    if "metric_name" in alarm:
        return [alarm]
    return [query["metric"] for query in alarm["metric_query"] if "metric" in query]


def dimensions(alarm: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return what exactly an alarm looks at."""
    return [metric["dimensions"] for metric in metrics(alarm)]
