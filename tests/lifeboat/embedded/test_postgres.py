"""Every cluster and instance is a real server: who gets in, what it keeps, and that it ends."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pg8000.exceptions
import pg8000.native
import pytest

from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aurora import EAST, USER, WEST, Global, cluster, new_cluster, new_instance
from tests.lifeboat.embedded.aws import Aws, Check, eventually
from tests.lifeboat.embedded.databases import (
    ABSENT,
    ALL,
    ONE,
    REFUSED,
    TABLE,
    ask,
    connected,
    new_database,
    new_single,
    rows_if_any,
    single,
)


def check_a_cluster_is_a_server_that_ends_with_it(aws: Aws) -> None:
    rds, name = aws("rds"), new_cluster(aws, DatabaseName="shop", **USER)
    made = cluster(aws, name)
    with pytest.raises(REFUSED):
        ask(aws, made["Endpoint"], "SELECT 1")  # storage without an instance answers nobody
    instance = new_instance(aws, name)
    assert ask(aws, made["Endpoint"], TABLE, ONE, ALL) == [["lifeboat", 1]]
    for host in (made["ReaderEndpoint"], instance["Endpoint"]["Address"]):
        assert ask(aws, host, ALL) == [["lifeboat", 1]]
    rds.delete_db_instance(DBInstanceIdentifier=instance["DBInstanceIdentifier"])
    rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    with pytest.raises(REFUSED):
        ask(aws, made["Endpoint"], "SELECT 1")
    assert [one for one in aws.admin("GET", "health")["databases"]["databases"] if one["name"] == name] == []


def check_a_read_replica_follows_until_it_is_promoted(aws: Aws) -> None:
    source = new_single(aws)
    name, rds = aws.name("replica"), aws("rds", WEST)
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier=name, SourceDBInstanceIdentifier=source["DBInstanceArn"], SourceRegion=EAST
    )
    replica = single(aws, name, WEST)["Endpoint"]["Address"]
    ask(aws, source["Endpoint"]["Address"], TABLE, ONE)
    assert eventually(lambda: rows_if_any(aws, replica)) == [["lifeboat", 1]]
    with pytest.raises(pg8000.exceptions.DatabaseError, match="read-only transaction"):
        ask(aws, replica, "DELETE FROM stock")
    rds.promote_read_replica(DBInstanceIdentifier=name)
    ask(aws, replica, "DELETE FROM stock")
    assert ask(aws, source["Endpoint"]["Address"], ALL) == [["lifeboat", 1]]


def check_a_new_password_and_a_parameter_change_who_gets_in(aws: Aws) -> None:
    rds, group = aws("rds"), aws.name("group")
    family = {"DBParameterGroupFamily": "aurora-postgresql16", "Description": "d"}
    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName=group, **family)
    name = new_database(aws, DBClusterParameterGroupName=group)
    host = cluster(aws, name)["Endpoint"]
    rds.modify_db_cluster(DBClusterIdentifier=name, MasterUserPassword="another one", ApplyImmediately=True)
    assert refusal(aws, host, password=USER["MasterUserPassword"]) == "28P01"
    new = "another one"
    assert ask(aws, host, "SELECT 1", password=new, tls=False) == [[1]]
    forced = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName=group, Parameters=[forced])
    assert eventually(lambda: refusal(aws, host, password=new, tls=False)) == "28000"
    assert ask(aws, host, "SELECT 1", password=new) == [[1]]


def check_a_managed_password_opens_the_server_and_is_rotated(aws: Aws) -> None:
    rds = aws("rds")
    name = new_cluster(aws, DatabaseName="shop", MasterUsername="shop_admin", ManageMasterUserPassword=True)
    new_instance(aws, name)
    made = cluster(aws, name)

    def secret() -> dict[str, str]:
        found = aws("secretsmanager").get_secret_value(SecretId=made["MasterUserSecret"]["SecretArn"])
        return dict(json.loads(found["SecretString"]))

    first = secret()
    assert ask(aws, made["Endpoint"], "SELECT current_user", user=first["username"], password=first["password"]) == [
        ["shop_admin"]
    ]
    rds.modify_db_cluster(DBClusterIdentifier=name, RotateMasterUserPassword=True, ApplyImmediately=True)
    assert refusal(aws, made["Endpoint"], password=first["password"]) == "28P01"
    assert ask(aws, made["Endpoint"], "SELECT 1", password=secret()["password"]) == [[1]]


def check_the_writer_endpoint_leads_to_the_writer_wherever_it_is(aws: Aws) -> None:
    group = Global.new(aws)
    endpoint = group.describe()["Endpoint"]
    ask(aws, endpoint, TABLE, ONE)
    group.move("switchover_global_cluster", WEST, WEST)
    ask(aws, endpoint, "UPDATE stock SET pieces = 2")
    assert group.describe()["Endpoint"] == endpoint
    assert ask(aws, cluster(aws, group.secondary, WEST)["Endpoint"], ALL) == [["lifeboat", 2]]


def check_a_member_that_leaves_can_be_written_to(aws: Aws) -> None:
    group = Global.new(aws)
    ask(aws, cluster(aws, group.primary)["Endpoint"], TABLE, ONE)
    host = cluster(aws, group.secondary, WEST)["Endpoint"]
    assert eventually(lambda: rows_if_any(aws, host)) == [["lifeboat", 1]]
    group.remove(group.arn(WEST), EAST)
    assert ask(aws, host, "UPDATE stock SET pieces = 3", ALL) == [["lifeboat", 3]]
    assert ask(aws, cluster(aws, group.primary)["Endpoint"], ALL) == [["lifeboat", 1]]


def check_a_copied_snapshot_brings_back_what_was_there(aws: Aws) -> None:
    source, name = new_single(aws), aws.name("snapshot")
    host, west = source["Endpoint"]["Address"], aws("rds", WEST)
    ask(aws, host, TABLE, ONE)
    taken = aws("rds").create_db_snapshot(
        DBInstanceIdentifier=source["DBInstanceIdentifier"], DBSnapshotIdentifier=name
    )
    ask(aws, host, "DELETE FROM stock")
    arn = taken["DBSnapshot"]["DBSnapshotArn"]
    west.copy_db_snapshot(SourceDBSnapshotIdentifier=arn, TargetDBSnapshotIdentifier=f"{name}-copy", SourceRegion=EAST)
    aws("rds").delete_db_snapshot(DBSnapshotIdentifier=name)
    west.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=f"{name}-back", DBSnapshotIdentifier=f"{name}-copy", DBInstanceClass="db.t4g.medium"
    )
    back = single(aws, f"{name}-back", WEST)["Endpoint"]["Address"]
    assert ask(aws, back, ALL) == [["lifeboat", 1]]
    assert ask(aws, host, ALL) == []


def check_a_point_in_time_copy_holds_what_its_source_holds(aws: Aws) -> None:
    group = Global.new(aws)
    ask(aws, cluster(aws, group.primary)["Endpoint"], TABLE, ONE)
    name = aws.name("copy")
    aws("rds").restore_db_cluster_to_point_in_time(
        DBClusterIdentifier=name, SourceDBClusterIdentifier=group.primary, UseLatestRestorableTime=True
    )
    new_instance(aws, name)
    assert ask(aws, cluster(aws, name)["Endpoint"], "UPDATE stock SET pieces = 4", ALL) == [["lifeboat", 4]]
    assert ask(aws, cluster(aws, group.primary)["Endpoint"], ALL) == [["lifeboat", 1]]


def check_the_lag_is_measured_when_somebody_asks(aws: Aws) -> None:
    group = Global.new(aws)
    ask(aws, group.describe()["Endpoint"], TABLE, ONE)
    assert eventually(lambda: lag(aws, group.secondary) == 0)
    aws.admin("PUT", f"dark/{EAST}")
    try:
        assert eventually(lambda: lag(aws, group.secondary) > 500)
    finally:
        aws.admin("DELETE", f"dark/{EAST}")
    assert eventually(lambda: lag(aws, group.secondary) == 0)


def lag(aws: Aws, name: str) -> float:
    """Return the newest of a secondary cluster's lags, in milliseconds; -1 when there is none."""
    until = datetime.now(UTC)
    answer = aws("cloudwatch", WEST).get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="AuroraGlobalDBReplicationLag",
        Dimensions=[{"Name": "DBClusterIdentifier", "Value": name}],
        StartTime=until - timedelta(minutes=5),
        EndTime=until,
        Period=1,
        Statistics=["Maximum"],
    )
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    assert {point["Unit"] for point in points} <= {"Milliseconds"}
    return float(points[-1]["Maximum"]) if points else -1


CHECKS: dict[str, Check] = {
    "cloudwatch.database_lag": check_the_lag_is_measured_when_somebody_asks,
    "rds.servers": check_a_cluster_is_a_server_that_ends_with_it,
    "rds.server_replicas": check_a_read_replica_follows_until_it_is_promoted,
    "rds.server_access": check_a_new_password_and_a_parameter_change_who_gets_in,
    "rds.managed_password": check_a_managed_password_opens_the_server_and_is_rotated,
    "rds.server_globals": check_the_writer_endpoint_leads_to_the_writer_wherever_it_is,
    "rds.server_detach": check_a_member_that_leaves_can_be_written_to,
    "rds.snapshots": check_a_copied_snapshot_brings_back_what_was_there,
    "rds.point_in_time": check_a_point_in_time_copy_holds_what_its_source_holds,
}
EACH = pytest.mark.parametrize("check", [pytest.param(check, id=name) for name, check in CHECKS.items()])


@EACH
def test_embedded_aws_does(check: Check, databases_aws: Aws) -> None:
    check(databases_aws)


@EACH
def test_plain_moto_does_not(check: Check, plain_moto: Aws) -> None:
    with pytest.raises(ABSENT):
        check(plain_moto)


def refusal(aws: Aws, host: str, *, password: str, tls: bool = True) -> str:
    """Return PostgreSQL's code for a refused connection; empty when it was not refused."""
    try:
        ask(aws, host, "SELECT 1", password=password, tls=tls)
    except pg8000.exceptions.DatabaseError as error:
        return str(error.args[0]["C"])
    return ""


def test_no_server_runs_as_root(databases_aws: Aws) -> None:
    host = cluster(databases_aws, new_database(databases_aws))["Endpoint"]
    with connected(databases_aws, host) as connection:
        ((pid,),) = connection.run("SELECT pg_backend_pid()")
        owner = Path(f"/proc/{pid}").stat().st_uid
    assert owner != 0
    assert owner == (os.geteuid() or owner)


def test_a_certificate_of_another_authority_is_refused(databases_aws: Aws) -> None:
    host = cluster(databases_aws, new_database(databases_aws))["Endpoint"]
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self-signed|unable to get local issuer"):
        pg8000.native.Connection("x", host=host, password="x", ssl_context=ssl.create_default_context())  # noqa: S106 - not a secret


def test_six_clusters_are_made_side_by_side_within_seconds(databases_aws: Aws) -> None:
    with ThreadPoolExecutor(6) as pool:
        names = list(pool.map(lambda _: new_database(databases_aws), range(6)))
    hosts = [cluster(databases_aws, name)["Endpoint"] for name in names]
    assert len(set(hosts)) == 6
    assert [ask(databases_aws, host, "SELECT 1") for host in hosts] == [[[1]]] * 6


def test_nothing_is_left_of_a_server_when_the_embedded_aws_is_killed(databases_aws: Aws, tmp_path: Path) -> None:
    del databases_aws  # only asked for so that this test is skipped with the others
    ready, log = tmp_path / "ready", tmp_path / "log"
    command = [sys.executable, "-m", "lifeboat.local.embedded.server", "--ready-file", str(ready)]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:  # noqa: S603 - ours
        aws = Aws(launch.wait_until_ready(process, ready, log))
        host = cluster(aws, new_database(aws))["Endpoint"]
        folder = Path(aws.admin("GET", "health")["databases"]["certificate"]).parent
        with connected(aws, host) as connection:
            ((pid,),) = connection.run("SELECT pg_backend_pid()")
        process.kill()
    assert eventually(lambda: not folder.exists(), 20)
    assert eventually(lambda: not Path(f"/proc/{pid}").exists())
    assert (
        str(folder)
        not in subprocess.run(["/bin/ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    )
