"""Where AWS's regions are, to tell which of two is nearer. A region that is missing here is no error, only unsorted."""

from __future__ import annotations

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

PLACES: dict[str, tuple[float, float]] = {
    "af-south-1": (-33.9, 18.4),
    "ap-east-1": (22.3, 114.2),
    "ap-northeast-1": (35.6, 139.7),
    "ap-northeast-2": (37.6, 127.0),
    "ap-northeast-3": (34.7, 135.5),
    "ap-south-1": (19.1, 72.9),
    "ap-south-2": (17.4, 78.5),
    "ap-southeast-1": (1.3, 103.8),
    "ap-southeast-2": (-33.9, 151.2),
    "ap-southeast-3": (-6.2, 106.8),
    "ap-southeast-4": (-37.8, 145.0),
    "ca-central-1": (45.5, -73.6),
    "ca-west-1": (51.0, -114.1),
    "eu-central-1": (50.1, 8.7),
    "eu-central-2": (47.4, 8.5),
    "eu-north-1": (59.3, 18.1),
    "eu-south-1": (45.5, 9.2),
    "eu-south-2": (41.6, -0.9),
    "eu-west-1": (53.3, -6.3),
    "eu-west-2": (51.5, -0.1),
    "eu-west-3": (48.9, 2.4),
    "il-central-1": (32.1, 34.8),
    "me-central-1": (24.5, 54.4),
    "me-south-1": (26.1, 50.6),
    "sa-east-1": (-23.5, -46.6),
    "us-east-1": (39.0, -77.5),
    "us-east-2": (40.0, -83.0),
    "us-west-1": (37.4, -121.9),
    "us-west-2": (45.8, -119.7),
}
"""Latitude and longitude in degrees: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"""

EARTH_RADIUS_KM = 6371


def by_distance(here: str, regions: Sequence[str]) -> list[str]:
    """Sort regions by their distance from here; those whose place is not known come last, in the order given."""
    if here in regions and here not in PLACES:
        return [here, *(region for region in regions if region != here)]
    if here not in PLACES:
        return list(regions)
    return sorted(regions, key=lambda region: kilometres(here, region) if region in PLACES else float("inf"))


def kilometres(one: str, other: str) -> float:
    """Return the distance over the ground between two regions whose places are known."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, PLACES[region])) for region in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))
