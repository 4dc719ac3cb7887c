"""The dashboard: the one place where a deployed system says what it promised."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.system import System

Widget = dict[str, Any]
"""A widget as CloudWatch keeps it. Tests index into it; a wrong guess about its form fails the test."""


def widgets(system: System) -> list[Widget]:
    """Return the dashboard's widgets, as a standby shows them: that is where they are needed most."""
    name = system.shared.text("dashboard_name")
    body = json.loads(system.lookout.aws.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
    found = body["widgets"]
    assert isinstance(found, list)
    return found


def promises(system: System) -> dict[tuple[str, str], float]:
    """Return the recovery point objective of every store, by namespace and metric, in the metric's unit."""
    found = {}
    for widget in widgets(system):
        lines = widget["properties"].get("annotations", {}).get("horizontal", [])
        for metric in widget["properties"].get("metrics", []) if lines else []:
            found[metric[0], metric[1]] = float(lines[0]["value"])
    assert found, "the dashboard promises nothing"
    return found
