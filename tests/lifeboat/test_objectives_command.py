"""`lifeboat objectives` shows the whole arithmetic, and ends with 1 where a promise cannot be kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deployments.load import FOLDER, known
from lifeboat.cli import Commands
from lifeboat.objectives import duration, objectives

RPO_OF_A_BUCKET = "rpo_seconds = 900 # what replication time control promises"


def run(*arguments: str, **environment: str) -> Result:
    """Run the command as the command line does, failures included."""
    cleared: dict[str, str | None] = {"DEPLOYMENT": None, "ENVIRONMENT_SUFFIX": None}
    return CliRunner().invoke(
        Commands(commands=[objectives]), ["objectives", *arguments], env={**cleared, **environment}
    )


def changed(folder: Path, old: str, new: str) -> str:
    """Copy the reference description with one place changed; return the file's path."""
    text = (FOLDER / "multi_region.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = folder / "changed.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


def test_every_step_the_longest_path_and_the_verdict_are_shown() -> None:
    done = run("multi_region", "--suffix", "dev")
    assert done.exit_code == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[:3] == ["multi-region (dev): pilot-light in us-east-1, us-west-2", "", "RTO 1800 s (30 min)"]
    for step in (
        "detect: health checks 30 s",
        "detect: resolvers' caches 60 s",
        "decide: a person 120 s",
        "database 720 s longest",
        "add the first instance 600 s",
        "promote the secondary 120 s",
        "service 60 s",
        "raise concurrency 60 s",
        "longest path: 30 + 60 + 120 + 600 + 120 = 930 s",
        "RTO 1800 s: kept, 870 s to spare",
    ):
        assert lines.count(step) == 1, step


def test_every_store_shows_its_objective_what_is_reachable_and_why() -> None:
    lines = run("multi_region", "--suffix", "dev").stdout.splitlines()
    after = lines[lines.index("RPO") + 1 :]
    assert after == [
        "  database: objective 60 s (the system's), reachable 20 s: kept",
        "    Aurora enforces an RPO of 20 s or more (rds.global_db_rpo)",
        "  tables.orders: objective 60 s (the system's), reachable 5 s: kept",
        "    a global table replicates asynchronously, within seconds",
        "  buckets.assets: objective 900 s (its own), reachable 900 s: kept",
        "    S3 replication time control promises 15 minutes, not less",
    ]


def test_a_broken_rto_shows_its_arithmetic_then_what_would_keep_it(tmp_path: Path) -> None:
    done = run(changed(tmp_path, "rto_seconds = 1800", "rto_seconds = 600"), "--suffix", "dev")
    assert done.exit_code == 1
    assert "  RTO 600 s: NOT KEPT, 330 s too long" in done.stdout.splitlines()
    assert "objectives.rto_seconds: the design takes longer to recover" in done.stderr
    assert "at least 930, or strategy warm-standby or active-active" in done.stderr


def test_a_broken_rpo_shows_the_store_then_what_would_keep_it(tmp_path: Path) -> None:
    done = run(changed(tmp_path, RPO_OF_A_BUCKET, "rpo_seconds = 60"), "--suffix", "dev")
    assert done.exit_code == 1
    assert "  buckets.assets: objective 60 s (its own), reachable 900 s: NOT KEPT" in done.stdout.splitlines()
    assert "buckets.assets.rpo_seconds: the design cannot reach this RPO" in done.stderr


def test_a_description_that_cannot_be_read_shows_messages_and_no_arithmetic(tmp_path: Path) -> None:
    done = run(changed(tmp_path, "rto_seconds = 1800", 'rto_seconds = "soon"'), "--suffix", "dev")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "changed.toml: objectives.rto_seconds: " in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [("stages = 1", "stages: a stage is a table of changes"), ("x = [", "is not valid TOML"), ("", "name: is missing")],
)
def test_a_malformed_file_shows_messages(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "malformed.toml"
    path.write_text(text, encoding="utf-8")
    done = run(str(path), "--suffix", "dev")
    assert (done.exit_code, done.stdout) == (1, "")
    assert told in done.stderr
    assert "Traceback" not in done.output


def test_the_suffix_chooses_the_stage(tmp_path: Path) -> None:
    path = changed(tmp_path, "[stages.prod]", "[stages.prod]\nobjectives.rto_seconds = 940")
    assert "RTO 940 s: kept, 10 s to spare" in run(path, "--suffix", "prod").stdout
    assert "RTO 1800 s: kept, 870 s to spare" in run(path, ENVIRONMENT_SUFFIX="dev").stdout


def test_all_deployments_are_shown_one_after_the_other() -> None:
    done = run("all", "--suffix", "dev")
    assert done.exit_code == 0
    told = [line for line in done.stdout.splitlines() if "(dev): " in line]
    assert len(told) == len(known())
    assert "ecommerce (dev): warm-standby in us-east-1, us-west-2" in told
    assert "edge (dev): active-active in us-west-2, us-east-1" in told
    assert run(DEPLOYMENT=" ".join(known()), ENVIRONMENT_SUFFIX="dev").stdout == done.stdout


def test_an_unknown_deployment_lists_those_that_exist() -> None:
    done = run("shop", "--suffix", "dev")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"unknown deployment (found 'shop'); allowed: {', '.join([*known(), 'all'])}" in done.stderr


def test_lines_fit_into_80_columns(tmp_path: Path) -> None:
    regions = "".join(f'[[regions]]\nname = "{name}"\n\n' for name in ("eu-west-1", "eu-central-1", "ap-southeast-2"))
    table = '[tables.sixteen-letters1]\npartition_key = "pk"\nrpo_seconds = 86400\n\n'
    path = changed(tmp_path, "[network]", f"{regions}{table}[network]")
    lines = [*run("all", "--suffix", "dev").stdout.splitlines(), *run(path, "--suffix", "dev").stdout.splitlines()]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "60 s (1 min)"),
        (90, "90 s"),
        (3600, "3600 s (1 h)"),
        (5400, "5400 s (90 min)"),
        (172800, "172800 s (2 d)"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_that_divides_it(seconds: int, text: str) -> None:
    assert duration(seconds) == text
