"""What is said about the databases of the embedded AWS: how many servers there are, or why there are none."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lifeboat.local.embedded.postgres import binaries, cuts
from lifeboat.local.embedded.postgres.binaries import UnavailableError, find_binaries
from lifeboat.local.embedded.postgres.fleet import Fleet
from lifeboat.local.embedded.postgres.settings import is_ssl_forced
from lifeboat.local.summary import databases


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without PostgreSQL: nothing on the PATH, and nothing where distributions put it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "FOLDERS", ())
    return tmp_path


def install(folder: Path, version: str) -> None:
    for name in binaries.NEEDED:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def test_without_the_programs_it_is_said_which_are_missing_and_how_to_get_them(bare: Path) -> None:
    assert bare.is_dir()
    with pytest.raises(UnavailableError, match=r"no PostgreSQL server programs \(initdb.*bin/install-postgres says"):
        find_binaries()


def test_an_old_version_is_refused_by_its_number(bare: Path) -> None:
    install(bare, "12.4")
    with pytest.raises(UnavailableError, match=r"PostgreSQL 12 in .* is too old, 14 is needed"):
        find_binaries()


def test_the_programs_on_the_path_are_run_by_somebody_who_is_not_root(bare: Path) -> None:
    install(bare, "16.2")
    found = find_binaries()
    assert (found.folder, found.version, found.major) == (bare, "16.2", 16)
    assert (found.user is None) == (os.geteuid() != 0)


def test_a_fleet_without_programs_says_why_and_makes_nothing(bare: Path) -> None:
    assert bare.is_dir()
    fleet = Fleet()
    assert fleet.facts() == {"available": False, "reason": "switched off when the embedded AWS was started"}
    fleet.switch_on()
    assert not fleet.is_on
    assert "no PostgreSQL server programs" in str(fleet.facts()["reason"])
    cuts.darken(fleet, "us-east-1")
    cuts.lighten(fleet, "us-east-1")
    fleet.end_all()


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (
            {"databases": {"available": True, "version": "15.18", "databases": [{}, {}]}},
            "databases:    2 servers of PostgreSQL 15.18",
        ),
        ({"databases": {"available": False, "reason": "why"}}, "databases:    control plane only: why"),
        ({}, "databases:    control plane only"),
    ],
)
def test_status_tells_what_the_databases_are(health: object, said: str) -> None:
    assert databases(health) == said


@pytest.mark.parametrize(
    ("engine", "version", "parameters", "forced"),
    [
        ("aurora-postgresql", "16.8", {}, False),
        ("aurora-postgresql", "17.7", {}, True),
        ("aurora-postgresql", "16.8", {"rds.force_ssl": "1"}, True),
        ("postgres", "14.18", {}, False),
        ("postgres", "16.8", {}, True),
        ("postgres", "16.8", {"rds.force_ssl": "0"}, False),
    ],
)
def test_tls_is_demanded_as_on_aws(engine: str, version: str, parameters: dict[str, str], forced: bool) -> None:
    assert is_ssl_forced(engine, version, parameters) is forced
