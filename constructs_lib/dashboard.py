"""One page for the whole system: who serves, who writes, how far behind the standbys are, how many requests fail."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from constructs import Construct

from constructs_lib.site import Site

WIDTH, HEIGHT = 12, 6
"""Two widgets side by side: a dashboard is 24 units wide.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a graph.

    Attributes:
        label: What it is called in the legend.
        region: Where CloudWatch keeps the metric.
        namespace: CloudWatch namespace.
        metric: Metric name.
        dimensions: What exactly is measured.
        statistic: How data points are combined.
    """

    label: str
    region: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Maximum"

    def render(self) -> list[Any]:
        """Return the line in the dashboard's own form."""
        pairs = [part for pair in self.dimensions.items() for part in pair]
        options = {"label": self.label, "region": self.region, "stat": self.statistic}
        return [self.namespace, self.metric, *pairs, options]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """One graph.

    Attributes:
        title: What question it answers.
        lines: Its lines, regions side by side.
        limit: A promise drawn as a horizontal line, in the metric's unit. Absent: none.
        limit_label: What the promise is.
    """

    title: str
    lines: Sequence[Line] = field(default=())
    limit: float | None = None
    limit_label: str = ""

    def render(self, position: int, region: str) -> dict[str, Any]:
        """Return the widget at its place: two to a row below the heading."""
        properties: dict[str, Any] = {
            "title": self.title,
            "region": region,
            "view": "timeSeries",
            "period": 60,
            "metrics": [line.render() for line in self.lines],
        }
        if self.limit is not None:
            properties["annotations"] = {"horizontal": [{"label": self.limit_label, "value": self.limit}]}
        return {
            "type": "metric",
            "x": WIDTH * (position % 2),
            "y": 2 + HEIGHT * (position // 2),
            "width": WIDTH,
            "height": HEIGHT,
            "properties": properties,
        }


class Dashboard(Construct):
    """The dashboard. CloudWatch shows it in every region, so it is there when one of them is not."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        heading: str,
        graphs: Sequence[Graph],
        provider: TerraformProvider,
    ) -> None:
        """Create the dashboard.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Names it.
            heading: Markdown above the graphs.
            graphs: The graphs, in reading order. Those without lines are left out.
            provider: Provider of a region; preferably not the primary.
        """
        super().__init__(scope, id_)
        shown = [graph for graph in graphs if graph.lines]
        text = {
            "type": "text",
            "x": 0,
            "y": 0,
            "width": 2 * WIDTH,
            "height": 2,
            "properties": {"markdown": heading},
        }
        body = [text, *(graph.render(position, site.region) for position, graph in enumerate(shown))]
        self.resource = CloudwatchDashboard(
            self,
            "dashboard",
            dashboard_name=site.names.of("dashboard"),
            dashboard_body=json.dumps({"widgets": body}),
            provider=provider,
        )
