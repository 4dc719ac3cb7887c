"""CloudTrail: what moto does not do."""

from __future__ import annotations

from tests.lifeboat.embedded.aws import Aws, Check, promises

EAST, WEST = "us-east-1", "us-west-2"


def made(aws: Aws, region: str, name: str, *, everywhere: bool) -> str:
    """Make a trail and return its ARN."""
    bucket = aws.name("trail")
    aws("s3").create_bucket(Bucket=bucket)
    trail = {"Name": name, "S3BucketName": bucket, "IsMultiRegionTrail": everywhere}
    return str(aws("cloudtrail", region).create_trail(**trail)["TrailARN"])


def check_names(aws: Aws) -> None:
    name, west = aws.name("trail"), aws("cloudtrail", WEST)
    everywhere, here = made(aws, EAST, name, everywhere=True), made(aws, WEST, name, everywhere=False)
    for asked in (name, here):
        assert [each["TrailARN"] for each in west.describe_trails(trailNameList=[asked])["trailList"]] == [here]
    assert [each["TrailARN"] for each in west.describe_trails(trailNameList=[everywhere])["trailList"]] == [everywhere]
    west.delete_trail(Name=here)
    assert west.describe_trails(trailNameList=[here])["trailList"] == []
    assert west.describe_trails(trailNameList=[everywhere])["trailList"] != []


def check_home_region(aws: Aws) -> None:
    arn = made(aws, WEST, aws.name("trail"), everywhere=False)
    assert aws("cloudtrail", WEST).get_trail(Name=arn)["Trail"]["HomeRegion"] == WEST


CHECKS: dict[str, Check] = {"cloudtrail.home_region": check_home_region, "cloudtrail.names": check_names}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
