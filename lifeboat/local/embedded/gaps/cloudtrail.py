"""CloudTrail: trails that are asked for by name or ARN."""

from __future__ import annotations

import json

from moto.cloudtrail.models import CloudTrailBackend
from moto.cloudtrail.responses import CloudTrailResponse

from lifeboat.local.embedded.gap import Gap


def _names() -> None:
    plain = CloudTrailBackend.delete_trail

    def describe_trails(self: CloudTrailResponse) -> str:
        wanted = set(self._get_param("trailNameList") or ())
        shadows = self._get_bool_param("includeShadowTrails", True)
        found = self.cloudtrail_backend.describe_trails(shadows)
        # A name alone means a trail of this region; those of other regions are known by their ARN.
        names = {trail.arn: {trail.arn} for trail in found}
        for trail in found:
            if trail.region_name == self.region:
                names[trail.arn].add(trail.trail_name)
        shown = [trail for trail in found if not wanted or wanted & names[trail.arn]]
        return json.dumps({"trailList": [trail.description(include_region=True) for trail in shown]})

    def delete_trail(self: CloudTrailBackend, name: str) -> None:
        plain(self, self.get_trail(name).trail_name)

    CloudTrailResponse.describe_trails = describe_trails
    CloudTrailBackend.delete_trail = delete_trail


def _home_region() -> None:
    def get_trail(self: CloudTrailResponse) -> str:
        trail = self.cloudtrail_backend.get_trail(self._get_param("Name"))
        return json.dumps({"Trail": trail.description(include_region=True)})

    CloudTrailResponse.get_trail = get_trail


GAPS = (
    Gap(
        name="cloudtrail.home_region",
        missing="GetTrail does not say where a trail lives.",
        matters="Nobody could check that every region has a trail of its own.",
        fill=_home_region,
    ),
    Gap(
        name="cloudtrail.names",
        missing="Asking for a trail by its name or ARN returns every trail, and deleting one by its ARN does nothing.",
        matters="A second region's trail could not be applied, and none could be destroyed.",
        fill=_names,
    ),
)
