"""Pairs of buckets for the tests of S3."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.lifeboat.embedded.aws import Aws, Client

ROLE = "arn:aws:iam::123456789012:role/replication"
EAST, WEST = "us-east-1", "us-west-2"
Rule = dict[str, Any]


@dataclass
class Pair:
    """Two versioned buckets in two regions."""

    aws: Aws
    versioned: bool = True
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for region in (EAST, WEST):
            self.names[region] = self.aws.name("pair")
            where = {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self.s3(region).create_bucket(Bucket=self.names[region], **where)
            if self.versioned:
                self.version(region)

    def s3(self, region: str) -> Client:
        return self.aws("s3", region)

    def version(self, region: str) -> None:
        self.s3(region).put_bucket_versioning(Bucket=self.names[region], VersioningConfiguration={"Status": "Enabled"})

    def rule(self, region: str, **changes: object) -> Rule:
        """A rule that copies everything to the other region."""
        other = self.names[WEST if region == EAST else EAST]
        rule: Rule = {
            "ID": f"from-{region}",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{other}"},
        }
        return rule | changes

    def replicate(self, region: str, *rules: Rule) -> None:
        configuration = {"Role": ROLE, "Rules": list(rules) or [self.rule(region)]}
        self.s3(region).put_bucket_replication(Bucket=self.names[region], ReplicationConfiguration=configuration)

    def put(self, region: str, key: str, body: str = "x", **settings: object) -> str:
        version = self.s3(region).put_object(Bucket=self.names[region], Key=key, Body=body, **settings)
        return str(version["VersionId"])

    def head(self, region: str, key: str) -> dict[str, Any]:
        return dict(self.s3(region).head_object(Bucket=self.names[region], Key=key))

    def versions(self, region: str) -> list[str]:
        listed = self.s3(region).list_object_versions(Bucket=self.names[region])
        return [one["VersionId"] for one in listed.get("Versions", []) + listed.get("DeleteMarkers", [])]
