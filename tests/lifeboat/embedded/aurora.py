"""Clusters for the tests of RDS and Aurora."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.lifeboat.embedded.aws import Aws, Client

EAST, WEST = "us-east-1", "us-west-2"
ENGINE, VERSION = "aurora-postgresql", "16.8"
USER = {"MasterUsername": "shop_admin", "MasterUserPassword": "not-a-secret"}
Described = dict[str, Any]


def new_cluster(aws: Aws, region: str = EAST, **settings: object) -> str:
    name = aws.name("cluster")
    engine = {"Engine": ENGINE, "EngineVersion": VERSION}
    aws("rds", region).create_db_cluster(DBClusterIdentifier=name, **(engine | settings))
    return name


def cluster(aws: Aws, name: str, region: str = EAST) -> Described:
    return dict(aws("rds", region).describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0])


def new_instance(aws: Aws, in_cluster: str, region: str = EAST, **settings: object) -> Described:
    name = aws.name("instance")
    rds = aws("rds", region)
    member = {"DBClusterIdentifier": in_cluster, "DBInstanceClass": "db.r6g.large", "Engine": ENGINE}
    rds.create_db_instance(DBInstanceIdentifier=name, **(member | settings))
    return dict(rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])


@dataclass
class Global:
    """A global cluster with a cluster and an instance in each of two regions."""

    aws: Aws
    name: str
    primary: str
    secondary: str

    @classmethod
    def new(cls, aws: Aws, *, headless: bool = False, **settings: object) -> Global:
        name = aws.name("global")
        asked: dict[str, object] = {"Engine": ENGINE, "EngineVersion": VERSION, "DatabaseName": "shop"}
        aws("rds").create_global_cluster(GlobalClusterIdentifier=name, **(asked | settings))
        primary = new_cluster(aws, EAST, GlobalClusterIdentifier=name, DatabaseName="shop", **USER)
        new_instance(aws, primary, EAST)
        secondary = new_cluster(aws, WEST, GlobalClusterIdentifier=name)
        if not headless:
            new_instance(aws, secondary, WEST)
        return cls(aws, name, primary, secondary)

    def rds(self, region: str = EAST) -> Client:
        return self.aws("rds", region)

    def describe(self, region: str = EAST) -> Described:
        described = self.rds(region).describe_global_clusters(GlobalClusterIdentifier=self.name)
        return dict(described["GlobalClusters"][0])

    def arn(self, region: str) -> str:
        name = self.primary if region == EAST else self.secondary
        return str(cluster(self.aws, name, region)["DBClusterArn"])

    def writers(self) -> list[str]:
        return [member["DBClusterArn"] for member in self.describe()["GlobalClusterMembers"] if member["IsWriter"]]

    def move(self, call: str, region: str, to: str, **settings: object) -> Described:
        answer = getattr(self.rds(region), call)(
            GlobalClusterIdentifier=self.name, TargetDbClusterIdentifier=self.arn(to), **settings
        )
        return dict(answer["GlobalCluster"])

    def remove(self, member: str, region: str) -> object:
        return self.rds(region).remove_from_global_cluster(
            GlobalClusterIdentifier=self.name, DbClusterIdentifier=member
        )
