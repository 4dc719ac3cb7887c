"""What the drill does for people after a failover: files are replicated again, from who takes writes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import pytest

from deployments.load import FOLDER, load
from deployments.system import System
from lifeboat.drill.embedded import STAND_IN, EmbeddedSurroundings
from lifeboat.drill.files import Files
from lifeboat.drill.moves import take
from lifeboat.drill.orders import NoOrders
from lifeboat.drill.record import Story
from lifeboat.drill.recovery import Recovery
from lifeboat.drill.scenario import ReplicateFiles
from lifeboat.drill.stage import Stage
from lifeboat.drill.surroundings import Surroundings
from lifeboat.drill.terraform import Terraform
from lifeboat.failover.clients import Clients
from lifeboat.failure import Failure
from tests.lifeboat.embedded.aws import Aws

HOME, AWAY = "us-west-1", "us-west-2"


@dataclass
class Disk:
    """The file systems of a system, one replicated to the other."""

    aws: Aws
    system: System
    ids: dict[str, str] = field(default_factory=dict)

    def deploy(self) -> None:
        for region in (HOME, AWAY):
            made = self.aws("efs", region).create_file_system(CreationToken=self.system.names.prefix, Encrypted=True)
            self.ids[region] = made["FileSystemId"]
            name = self.system.names.path("file-system", "id")
            self.aws("ssm", region).put_parameter(Name=name, Value=self.ids[region], Type="String")
        self.allow(AWAY)
        self.replicate(HOME, AWAY)

    def allow(self, region: str) -> None:
        self.aws("efs", region).update_file_system_protection(
            FileSystemId=self.ids[region], ReplicationOverwriteProtection="DISABLED"
        )

    def replicate(self, source: str, target: str) -> None:
        self.aws("efs", source).create_replication_configuration(
            SourceFileSystemId=self.ids[source],
            Destinations=[{"FileSystemId": self.ids[target], "Region": target}],
        )

    def end(self, source: str) -> None:
        self.aws("efs", source).delete_replication_configuration(SourceFileSystemId=self.ids[source])


@dataclass
class Applying:
    """Terraform, whose apply of the global stack does what a test says."""

    act: Callable[[], None]
    worked: bool = True
    applied: list[str] = field(default_factory=list)

    def begin_apply(self, place: str) -> None:
        self.applied.append(place)
        self.act()

    def finish_apply(self) -> bool:
        return self.worked


def terraform(act: Callable[[], None], *, worked: bool = True) -> Terraform:
    return cast("Terraform", Applying(act, worked))


@pytest.fixture
def disk(drill_aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Disk:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", drill_aws.url)
    made = Disk(drill_aws, load(FOLDER / "globecart.toml", f"pr{drill_aws.name('x').rsplit('-', 1)[-1]}"))
    made.deploy()
    return made


@pytest.fixture
def files(disk: Disk) -> Files:
    return Files(clients=Clients(key="drill", read_seconds=30), system=disk.system)


def test_after_a_failover_files_are_replicated_the_other_way_round(disk: Disk, files: Files) -> None:
    assert files.are_replicated_from(HOME)
    disk.end(HOME)
    assert not files.are_replicated_from(HOME)
    assert not files.are_replicated_from(AWAY)
    applying = Applying(lambda: disk.replicate(AWAY, HOME))
    files.replicate_from(AWAY, cast("Terraform", applying))
    assert files.are_replicated_from(AWAY)
    assert applying.applied == ["global"]


def test_the_half_that_the_lost_region_kept_is_deleted_first(disk: Disk, files: Files) -> None:
    """As after an unplanned failover that could only end its own side: the old primary still calls itself a source."""
    with pytest.raises(Failure, match=f"files of {HOME} do not follow"):
        files.replicate_from(AWAY, terraform(lambda: None))
    found = disk.aws("efs", HOME).describe_replication_configurations()["Replications"]
    assert disk.ids[HOME] not in {each["SourceFileSystemId"] for each in found}


def test_an_apply_that_fails_is_told(disk: Disk, files: Files) -> None:
    disk.end(HOME)
    with pytest.raises(Failure, match="could not be applied"):
        files.replicate_from(AWAY, terraform(lambda: None, worked=False))


def stage_with(files: Files, around: Surroundings, *, made: Terraform | None, told: list[str]) -> Stage:
    return Stage(
        system=files.system,
        surroundings=around,
        clients=files.clients,
        recovery=Recovery(files.clients, files.system),
        terraform=made,
        patience_seconds=1,
        say=told.append,
        orders=NoOrders(),
    )


@pytest.fixture
def around(drill_aws: Aws) -> EmbeddedSurroundings:
    return EmbeddedSurroundings(drill_aws.url, speed=1, containers=True)


@pytest.fixture
def tale() -> Story:
    return Story(began=time.time(), primary=HOME, standby=AWAY)


class TestTheStage:
    def test_it_replicates_files_from_who_takes_writes_and_tells_so(
        self, disk: Disk, files: Files, around: EmbeddedSurroundings, tale: Story
    ) -> None:
        disk.aws("ssm", HOME).put_parameter(Name=files.system.names.path("active-region"), Value=AWAY, Type="String")
        disk.end(HOME)
        stage = stage_with(files, around, made=terraform(lambda: disk.replicate(AWAY, HOME)), told=[])
        take(stage, ReplicateFiles(do="replicate-files"), tale)
        assert files.are_replicated_from(AWAY)
        assert [each.what for each in tale.moments] == [f"files are replicated from {AWAY} again"]

    def test_files_that_are_replicated_as_they_should_be_are_left_alone(
        self, files: Files, around: EmbeddedSurroundings, tale: Story
    ) -> None:
        stage_with(files, around, made=terraform(lambda: pytest.fail("applied")), told=[]).replicate_files(tale, HOME)
        assert tale.moments == []

    def test_without_terraform_it_says_what_it_leaves_undone(
        self, files: Files, around: EmbeddedSurroundings, tale: Story
    ) -> None:
        told: list[str] = []
        stage_with(files, around, made=None, told=told).replicate_files(tale, AWAY)
        assert "files are not replicated again" in told[0]

    def test_a_system_without_files_is_not_asked_for_them(
        self, files: Files, around: EmbeddedSurroundings, tale: Story
    ) -> None:
        shop = Files(clients=files.clients, system=load(FOLDER / "ecommerce.toml", "dev"))
        told: list[str] = []
        stage_with(shop, around, made=None, told=told).replicate_files(tale, "us-west-2")
        assert told == []

    def test_what_cannot_be_put_back_is_trouble_of_the_scenario(
        self, disk: Disk, files: Files, around: EmbeddedSurroundings, tale: Story
    ) -> None:
        disk.end(HOME)
        stage = stage_with(files, around, made=terraform(lambda: None, worked=False), told=[])
        stage._tidy(tale, AWAY, [])
        assert tale.trouble.startswith("the system could not be put back: the global stack")
        assert [each.bad for each in tale.moments] == [True]


def test_the_report_says_that_something_stood_in_for_the_containers(
    drill_aws: Aws, around: EmbeddedSurroundings
) -> None:
    plain = EmbeddedSurroundings(drill_aws.url, speed=1)
    for each in (around, plain):
        each.begin()
        each.end()
    assert set(around.simulated) - set(plain.simulated) == {STAND_IN}
    assert "functions/cart" in STAND_IN
