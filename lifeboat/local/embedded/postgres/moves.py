"""Who writes: a standby is promoted, with everything or with what it has, and the others follow it."""

from __future__ import annotations

from collections.abc import Sequence

from lifeboat.local.embedded.postgres.database import Database
from lifeboat.local.embedded.postgres.fleet import Fleet


def detach(fleet: Fleet, database: Database) -> None:
    """Let a database stand on its own: a standby is promoted with what it has."""
    with fleet.lock:
        if database.source is not None:
            fleet.part(database)
            _promote(database)
        fleet.settle()


def switch_over(fleet: Fleet, old: Database, new: Database, others: Sequence[Database]) -> None:
    """Move the writer without loss: everything is there before the new one takes over.

    Raises:
        ServerError: The new one does not catch up; the old one then goes on as if nothing had been.
    """
    with fleet.lock:
        fleet.shut(old)
        try:
            new.server.catch_up_with(old.server)
            old.server.stop()  # its standbys get the last of it before it ends
            _promote(new)
            old.source = new
            old.follows = old.server.restart_behind(new.server)
            old.diverged = not old.follows
            for other in others:
                other.source = new
                other.server.follow(new.server)
        finally:
            if not old.server.is_running:
                old.server.start()
            fleet.settle()


def fail_over(fleet: Fleet, new: Database, others: Sequence[Database]) -> None:
    """Promote a standby with what it has. The others throw away what they have beyond that, once they are lit."""
    with fleet.lock:
        for other in others:
            fleet.shut(other)
        _promote(new)
        for other in others:
            fleet.part(other)
            other.source = new
            other.diverged = True
        fleet.settle()


def _promote(new: Database) -> None:
    new.source = None
    new.follows = False
    new.diverged = False
    new.server.promote()
