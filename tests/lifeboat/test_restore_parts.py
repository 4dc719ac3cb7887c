"""Parts of `lifeboat restore` that need no AWS: what is refused, what Terraform is told, how long is waited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deployments.load import FOLDER, load
from deployments.problems import ProblemsError
from deployments.system import System
from lifeboat.failure import Failure
from lifeboat.restore import adopt, jobs
from lifeboat.restore.checks import Seen
from lifeboat.restore.points import Found
from lifeboat.restore.run import Restored, check_loss
from lifeboat.restore.targets import Kind, Standby, Target, standby_plan, targets

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"


@pytest.fixture(scope="module")
def healthcare() -> System:
    return load(FOLDER / "healthcare.toml", "dev")


def standby(**outputs: str) -> Standby:
    return Standby(region="eu-central-1", vault="v", role="r", key=KEY, outputs=outputs)


def target(tier: str = "instance", kind: Kind = "RDS", name: str = "healthcare-dev") -> Target:
    return Target(tier=tier, kind=kind, source=f":{name}", name=name, settings={}, rpo_seconds=3600)


def restored(tier: str, kind: Kind, name: str) -> Restored:
    found = Found(target=target(tier, kind, name), point=None, loss_seconds=None)
    return Restored(found=found, seen=Seen(arn="a", address="b", state="available"), job="")


def test_stores_that_follow_the_primary_are_not_restored_over() -> None:
    with pytest.raises(ProblemsError, match=r"strategy: the standby's stores exist .*found warm-standby.*failover"):
        targets(load(FOLDER / "ecommerce.toml", "dev"), standby())


def test_every_output_that_is_missing_is_named(healthcare: System) -> None:
    with pytest.raises(Failure, match="instance_subnet_group_name, instance_security_group_id"):
        targets(healthcare, standby(instance_parameter_group_name="p"))


def test_a_system_in_one_region_has_nowhere_to_restore_to(tmp_path: Path) -> None:
    text = (FOLDER / "healthcare.toml").read_text(encoding="utf-8")
    alone = text.replace("[[regions]] # holds locked", "[unused]\n#").replace('name = "eu-central-1"', "")
    (tmp_path / "alone.toml").write_text(alone.replace("[unused]\n", ""), encoding="utf-8")
    with pytest.raises(ProblemsError, match="this system has one region, and its backups stay there"):
        standby_plan(load(tmp_path / "alone.toml", "dev"), None)


def test_the_first_standby_is_restored_in_unless_another_is_named(healthcare: System) -> None:
    assert standby_plan(healthcare, None).name == standby_plan(healthcare, "eu-central-1").name == "eu-central-1"


@pytest.mark.parametrize(
    ("loss", "accepted", "refused"), [(3600, False, False), (3601, False, True), (3601, True, False)]
)
def test_a_loss_is_refused_from_the_first_second_beyond_the_rpo(loss: int, *, accepted: bool, refused: bool) -> None:
    found = [Found(target=target(), point=None, loss_seconds=loss)]
    if refused:
        with pytest.raises(Failure, match="3601 s, RPO 3600 s"):
            check_loss(found, accepted=accepted)
    else:
        check_loss(found, accepted=accepted)


def stacks(folder: Path, **resources: dict[str, str]) -> Path:
    """Write a `cdktf.out` whose stacks hold resources: type and construct path by stack."""
    manifest: dict[str, Any] = {"stacks": {}}
    for place, held in resources.items():
        name = f"healthcare-dev-{place.replace('_', '-')}"
        content = {
            type_: {f"name_{place}": {"//": {"metadata": {"path": f"{name}/{path}"}}}} for type_, path in held.items()
        }
        (folder / name).mkdir(parents=True)
        (folder / name / "cdk.tf.json").write_text(json.dumps({"resource": content}), encoding="utf-8")
        manifest["stacks"][name] = {"workingDirectory": name, "dependencies": []}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_terraform_is_told_the_addresses_that_the_primarys_stack_has(healthcare: System, tmp_path: Path) -> None:
    out = stacks(
        tmp_path,
        eu_west_1={"aws_db_instance": "instance/instance", "aws_s3_bucket": "bucket-scans/bucket"},
        **{"global": {"aws_dynamodb_table": "table-visits/table"}},
    )
    done = [
        restored("instance", "RDS", "healthcare-dev"),
        restored("tables.visits", "DynamoDB", "healthcare-dev-visits"),
        restored("buckets.scans", "S3", "healthcare-dev-scans"),
    ]
    chdir = "terraform -chdir=cdktf.out/stacks/healthcare-dev"
    assert adopt.imports(healthcare, out, "eu-central-1", done) == [
        f"{chdir}-eu-central-1 import aws_db_instance.name_eu_west_1 healthcare-dev",
        f"{chdir}-global import aws_dynamodb_table.name_global healthcare-dev-visits",
        f"{chdir}-eu-central-1 import aws_s3_bucket.name_eu_west_1 healthcare-dev-scans",
    ]


def test_without_synthesized_stacks_nothing_is_guessed(healthcare: System, tmp_path: Path) -> None:
    assert adopt.imports(healthcare, tmp_path, "eu-central-1", [restored("instance", "RDS", "x")]) == []


class Stuck:
    """AWS Backup, with a job that does not end."""

    def describe_restore_job(self, **_which: str) -> dict[str, str]:
        return {"Status": "RUNNING", "PercentDone": "40.00%"}


def test_a_job_that_does_not_end_in_time_goes_on_and_can_be_followed_later(said: list[str]) -> None:
    waiting = {"instance": jobs.Job(id="job-1", target=target(), is_new=True)}
    with pytest.raises(Failure, match=r"not restored within 0 s: instance \(job job-1\); .* run this again"):
        list(jobs.follow(Stuck(), waiting, timeout=0, pause=0, say=said.append))  # type: ignore[arg-type] # a stand-in
    assert said == ["  instance: running 40.00%"]
