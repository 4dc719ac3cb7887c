"""A primary that comes back and has not heard that it was replaced: clients stay with its successor meanwhile."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from tests.lifeboat.drill.conftest import Build, stage_of
from tests.lifeboat.drill.town import Town
from tests.lifeboat.embedded.aws import eventually


def health(town: Town, region: str) -> dict[str, object]:
    """Ask a region as its records' health check does."""
    url = f"{town.aws.url}/lifeboat/web/{town.system.regional_hostname(region)}/health?for=writes"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
            document: dict[str, object] = json.load(answer)
    except urllib.error.HTTPError as error:
        document = json.load(error)
    return document


def test_clients_stay_with_the_successor_until_the_old_primary_has_heard(build: Build) -> None:
    town = build()
    surroundings, host = stage_of(town).surroundings, town.system.hostname
    town.aws.admin("PUT", f"replication/{town.primary}?paused=yes")
    town.aws.admin("PUT", f"dark/{town.primary}")
    try:
        assert town.run(town.standby, "unplanned")["status"] == "SUCCEEDED"
        assert health(town, town.standby)["unaware"] == town.primary
    finally:
        town.aws.admin("DELETE", f"dark/{town.primary}")
    try:
        # It is well, it believes that it is the primary, and no message reaches it.
        back = health(town, town.primary)
        assert (back["status"], back["role"], "unaware" in back) == ("ok", "writer", False)
        assert surroundings.resolve(host).region == town.standby
    finally:
        town.aws.admin("PUT", f"replication/{town.primary}?paused=no")
    assert eventually(lambda: town.unaware(town.standby) == "none", 60)
    assert town.switch(town.primary) == town.standby
    assert eventually(lambda: "unaware" not in health(town, town.standby), 10)
    assert surroundings.resolve(host).region == town.standby, "it sends clients away by itself now"


def test_a_successor_that_is_lost_itself_keeps_nobody_away_from_the_next_one(build: Build) -> None:
    town = build()
    surroundings, host = stage_of(town).surroundings, town.system.hostname
    assert town.run(town.standby, "planned")["status"] == "SUCCEEDED"
    assert eventually(lambda: surroundings.resolve(host).region == town.standby, 10)
    town.aws.admin("PUT", f"replication/{town.standby}?paused=yes")
    town.aws.admin("PUT", f"dark/{town.standby}")
    try:
        assert town.run(town.primary, "unplanned")["status"] == "SUCCEEDED"
        assert surroundings.resolve(host).region == town.primary
    finally:
        town.aws.admin("DELETE", f"dark/{town.standby}")
    try:
        assert health(town, town.standby)["role"] == "writer"  # as far as it knows
        assert surroundings.resolve(host).region == town.primary
    finally:
        town.aws.admin("PUT", f"replication/{town.standby}?paused=no")
    assert eventually(lambda: town.switch(town.standby) == town.primary, 60)
