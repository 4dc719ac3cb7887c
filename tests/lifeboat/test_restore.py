"""`lifeboat restore`: the data tier comes back in the standby, while the primary answers nothing."""

from __future__ import annotations

import itertools
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deployments import choice
from lifeboat.cli import cli
from lifeboat.local.context import pointed_at
from lifeboat.local.embedded import launch
from tests.lifeboat import landscape as land
from tests.lifeboat.landscape import AWAY, HOME, Landscape, clients

COUNTER = itertools.count()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An embedded AWS whose RDS has a control plane only: what a restored server holds is an integration test's."""
    with launch.running(databases=False) as found:
        yield found


@pytest.fixture
def built(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Landscape]]:
    monkeypatch.setenv("LIFEBOAT_FOLDER", str(tmp_path / "workspace"))
    with pointed_at(url):

        def build(stores: str = land.INSTANCE) -> Landscape:
            made = land.build(f"rest{next(COUNTER)}x{id(tmp_path) % 9973}", tmp_path, stores)
            monkeypatch.setattr(choice, "load", lambda *_: made.system)
            monkeypatch.setattr(choice, "path_of", Path)
            return made

        yield build


@contextmanager
def dark(url: str, region: str) -> Iterator[None]:
    def switch(method: str) -> None:
        request = urllib.request.Request(f"{url}/lifeboat/dark/{region}", method=method)  # noqa: S310 loopback
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 loopback

    switch("PUT")
    try:
        yield
    finally:
        switch("DELETE")


def run(landscape: Landscape, *options: str, text: str = "") -> Result:
    arguments = ["restore", landscape.system.spec.name, "--suffix", "dev", "--target", "aws"]
    return CliRunner().invoke(cli, [*arguments, "--outputs", str(landscape.outputs), *options], input=text)


def instances(landscape: Landscape) -> list[dict[str, object]]:
    found = clients(AWAY)("rds").describe_db_instances()["DBInstances"]
    return [one for one in found if one["DBInstanceIdentifier"] == landscape.name]


def test_the_instance_comes_back_in_the_standby_while_the_primary_is_dark(
    built: Callable[..., Landscape], url: str
) -> None:
    landscape = built()
    copy = landscape.back_up(land.instance(landscape))
    with dark(url, HOME):
        done = run(landscape, "--yes")
        assert done.exit_code == 0, done.output
    (found,) = instances(landscape)
    assert (found["MultiAZ"], found["PubliclyAccessible"], found["KmsKeyId"]) == (True, False, landscape.key)
    assert [one["VpcSecurityGroupId"] for one in found["VpcSecurityGroups"]] == [landscape.group]  # type: ignore[attr-defined] # JSON
    assert [one["DBParameterGroupName"] for one in found["DBParameterGroups"]] == [f"{landscape.name}-instance"]  # type: ignore[attr-defined] # JSON
    assert found["DBSubnetGroup"]["DBSubnetGroupName"] == landscape.name  # type: ignore[index] # JSON
    assert f"instance: {found['Endpoint']['Address']}:5432 (available)" in done.output  # type: ignore[index] # JSON
    assert "RPO 3600 s kept" in done.output
    assert "known-to-this-test" not in done.output
    record = json.loads(next(Path(landscape.outputs.parent / "workspace/restores").glob("*.json")).read_text())
    assert (record["region"], record["restored"][0]["recovery_point"]) == (AWAY, copy)


def test_tables_and_buckets_come_back_with_what_they_held(built: Callable[..., Landscape]) -> None:
    landscape = built(land.STORES)
    for resource in (land.instance(landscape), land.table(landscape), land.bucket(landscape)):
        landscape.back_up(resource)
    done = run(landscape, "--yes")
    assert done.exit_code == 0, done.output
    name = landscape.system.names.of("table", "visits")
    assert clients(AWAY)("dynamodb").scan(TableName=name)["Items"] == [{"pk": {"S": "kept"}}]
    bucket = landscape.system.names.bucket("scans", AWAY, "123456789012")
    assert clients(AWAY)("s3").get_object(Bucket=bucket, Key="one")["Body"].read() == b"kept"


def test_a_second_run_restores_nothing_twice(built: Callable[..., Landscape]) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    assert run(landscape, "--yes").exit_code == 0
    jobs = clients(AWAY)("backup").list_restore_jobs()["RestoreJobs"]
    again = run(landscape, "--yes")
    assert (again.exit_code, len(instances(landscape))) == (0, 1)
    assert "an earlier run restored it" in again.output
    assert len(clients(AWAY)("backup").list_restore_jobs()["RestoreJobs"]) == len(jobs)


def test_a_run_that_was_interrupted_is_followed_and_not_repeated(built: Callable[..., Landscape]) -> None:
    landscape = built()
    copy = landscape.back_up(land.instance(landscape))
    backup = clients(AWAY)("backup")
    metadata = {
        "DBInstanceIdentifier": landscape.name,
        "DBSubnetGroupName": landscape.name,
        "DBParameterGroupName": f"{landscape.name}-instance",
        "VpcSecurityGroupIds": json.dumps([landscape.group]),
        "MultiAZ": "true",
    }
    started = backup.start_restore_job(RecoveryPointArn=copy, Metadata=metadata, IamRoleArn=land.ROLE)["RestoreJobId"]
    done = run(landscape, "--yes")
    assert done.exit_code == 0, done.output
    assert f"found restore job {started}" in done.output


def test_a_dry_run_tells_what_would_be_lost_and_restores_nothing(built: Callable[..., Landscape]) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    done = run(landscape, "--dry-run")
    assert (done.exit_code, instances(landscape)) == (0, [])
    assert "RPO 3600 s kept" in done.output
    assert "nothing was restored" in done.output


@pytest.mark.parametrize(("typed", "code"), [("", 3), ("healthcare-prod", 3), (None, 0)])
def test_nothing_is_restored_before_the_systems_name_is_typed(
    built: Callable[..., Landscape], typed: str | None, code: int
) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    done = run(landscape, text=f"{landscape.name if typed is None else typed}\n")
    assert (done.exit_code, len(instances(landscape))) == (code, 0 if code else 1), done.output


def test_a_loss_beyond_the_rpo_has_to_be_accepted(built: Callable[..., Landscape]) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    late = f"{datetime.now(UTC) + timedelta(hours=3):%Y-%m-%dT%H:%M:%S}"
    refused = run(landscape, "--yes", "--failed-at", late)
    assert (refused.exit_code, instances(landscape)) == (3, [])
    assert "more would be lost than the RPO allows: instance (" in refused.output
    assert "RPO 3600 s NOT kept" in refused.output
    assert run(landscape, "--yes", "--failed-at", late, "--accept-loss").exit_code == 0


def test_what_was_backed_up_after_the_failure_is_left_alone(built: Callable[..., Landscape]) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    early = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
    refused = run(landscape, "--yes", "--failed-at", early)
    assert refused.exit_code == 1
    assert f"the vault has no recovery point of {landscape.name}" in refused.output


def test_every_store_without_a_copy_is_named_at_once(built: Callable[..., Landscape]) -> None:
    landscape = built(land.STORES)
    refused = run(landscape, "--yes")
    assert refused.exit_code == 1
    assert [line.split(":")[1].strip() for line in refused.output.splitlines() if line.startswith("error:")] == [
        "instance",
        "tables.visits",
        "buckets.scans",
    ]


def test_a_name_that_is_taken_is_not_touched(built: Callable[..., Landscape]) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    clients(AWAY)("rds").create_db_instance(
        DBInstanceIdentifier=landscape.name,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        MasterUsername="other",
        MasterUserPassword="known-to-this-test",
        AllocatedStorage=20,
    )
    refused = run(landscape, "--yes")
    assert refused.exit_code == 1
    assert "exists and was not restored from a backup" in refused.output


def test_a_job_that_failed_says_why_and_can_be_tried_again(built: Callable[..., Landscape]) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    rds = clients(AWAY)("rds")
    rds.delete_db_subnet_group(DBSubnetGroupName=landscape.name)
    refused = run(landscape, "--yes")
    assert refused.exit_code == 1
    assert "failed:" in refused.output
    assert landscape.name in refused.output
    subnets = clients(AWAY)("ec2").describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.70.*"]}])["Subnets"]
    rds.create_db_subnet_group(
        DBSubnetGroupName=landscape.name,
        DBSubnetGroupDescription="data",
        SubnetIds=[subnet["SubnetId"] for subnet in subnets[-2:]],
    )
    again = run(landscape, "--yes")
    assert again.exit_code == 0, again.output


def test_a_standby_that_does_not_answer_is_told_in_one_line(built: Callable[..., Landscape], url: str) -> None:
    landscape = built()
    landscape.back_up(land.instance(landscape))
    with dark(url, AWAY):
        refused = run(landscape, "--yes")
    assert (refused.exit_code, refused.output.count("error: ")) == (1, 1)
    assert AWAY in refused.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "us-east-1"), "--to: is not a standby of this system (found us-east-1); allowed: eu-central-1"),
        (("--outputs", "/nowhere"), "there are no outputs of"),
    ],
)
def test_bad_input_is_one_message(built: Callable[..., Landscape], options: tuple[str, ...], said: str) -> None:
    refused = run(built(), *options)
    assert refused.exit_code == 1
    assert said in refused.output


def test_outputs_of_a_stack_without_a_vault_name_what_is_missing(built: Callable[..., Landscape]) -> None:
    landscape = built()
    (landscape.outputs / "flat-outputs.json").write_text("{}", encoding="utf-8")
    refused = run(landscape, "--yes")
    assert refused.exit_code == 1
    for name in ("backup_vault_name", "backup_role_arn", "key_arn"):
        assert f"eu_central_1_{name}" in refused.output


def test_a_cluster_is_named_as_what_this_command_does_not_restore(built: Callable[..., Landscape]) -> None:
    refused = run(built('[database]\nname = "shop"\n'), "--yes")
    assert refused.exit_code == 1
    assert "database: an Aurora cluster is restored into the region's own stack: docs/strategies.md" in refused.output


def test_one_system_is_restored_at_a_time() -> None:
    refused = CliRunner().invoke(cli, ["restore", "--suffix", "dev", "all"], env={"DEPLOYMENT": "ecommerce healthcare"})
    assert refused.exit_code == 1
    assert "one system at a time, not ecommerce-dev, " in refused.output


def test_without_an_embedded_aws_nothing_is_asked(built: Callable[..., Landscape]) -> None:
    landscape = built()
    refused = CliRunner().invoke(
        cli, ["restore", landscape.system.spec.name, "--suffix", "dev", "--outputs", str(landscape.outputs)]
    )
    assert refused.exit_code == 1
    assert "lifeboat local up" in refused.output
