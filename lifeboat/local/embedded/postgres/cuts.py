"""Who is cut off: regions that are dark, and regions that replicate nothing."""

from __future__ import annotations

from contextlib import suppress

from lifeboat.local.embedded.postgres.fleet import Fleet
from lifeboat.local.embedded.postgres.server import TROUBLE, ServerError

SECONDS_TO_PASS_ON = 3.0
"""A standby that is behind by no more than a busy machine has caught up by then; another one is broken."""


def darken(fleet: Fleet, region: str) -> None:
    """Let nobody reach the databases of a region, and nothing be replicated from or to it."""
    with fleet.lock:
        fleet.dark |= {region}
        for database in fleet.all:
            if database.region == region:
                fleet.shut(database)  # clients first: nobody is told of a write that is not passed on any more
        _pass_on(fleet, region)
        fleet.settle()


def lighten(fleet: Fleet, region: str) -> None:
    """Let the databases of a region be reached again, and replication go on."""
    with fleet.lock:
        fleet.dark -= {region}
        fleet.settle()


def hold(fleet: Fleet, region: str, *, held: bool) -> None:
    """Let nothing be replicated from or to a region, whose databases go on serving; or let it go on."""
    with fleet.lock:
        fleet.held = fleet.held | {region} if held else fleet.held - {region}
        fleet.settle()


def _pass_on(fleet: Fleet, region: str) -> None:
    """Let standbys elsewhere have what clients of a region were told is kept.

    How much a loss of the region costs is set by holding replication, not by how busy this machine is.
    """
    for each in fleet.all:
        if each.follows and each.source and each.source.region == region:
            with suppress(ServerError, *TROUBLE):  # a server that is gone has nothing to pass on
                each.server.catch_up_with(each.source.server, within=SECONDS_TO_PASS_ON)
