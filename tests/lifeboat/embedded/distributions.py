"""Distributions for the tests of CloudFront: two buckets in two regions behind one origin group."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from functions.packaging import package
from tests.lifeboat.embedded.aws import Aws
from tests.lifeboat.embedded.functions import role

Document = dict[str, Any]

REGIONS = ("us-west-2", "us-east-1")
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
SETTINGS = {"default_page": "index.html", "variants": {"b": 50}}


def counted(*items: object) -> Document:
    """Return one of CloudFront's counted lists."""
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


def edge_function(aws: Aws, name: str, cache: Path, **settings: object) -> str:
    """Deploy one of the project's edge functions and return the ARN of its first version."""
    files = {"settings.json": json.dumps(SETTINGS).encode()} if name == "edge_viewer" else {}
    archive = package(name, cache=cache, files=files)
    return made(aws, aws.name("edge"), archive.path.read_bytes(), archive.handler, **settings)


def made(aws: Aws, name: str, archive: bytes, handler: str, **settings: object) -> str:
    """Publish a function for the edge and return the ARN of its version."""
    function = aws("lambda").create_function(
        **{
            "FunctionName": name,
            "Role": role(aws),
            "Runtime": "python3.13",
            "Handler": handler,
            "Code": {"ZipFile": archive},
            "Timeout": 5,
            "MemorySize": 128,
            "Publish": True,
        }
        | settings
    )
    bare = str(function["FunctionArn"]).removesuffix(f":{function['Version']}")
    return f"{bare}:{function['Version']}"


def light_function(aws: Aws, code: str) -> str:
    """Publish a CloudFront function and return its ARN."""
    client, name = aws("cloudfront"), aws.name("light")
    config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    created = client.create_function(Name=name, FunctionConfig=config, FunctionCode=code.encode())
    client.publish_function(Name=name, IfMatch=created["ETag"])
    return str(created["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])


@dataclass
class Delivered:
    """A distribution before two buckets.

    Attributes:
        aws: Clients.
        lambdas: Lambda@Edge versions by their event.
        light: CloudFront function before `/assets/*`. Empty: none.
        changes: Changes to the configuration.
    """

    aws: Aws
    lambdas: Mapping[str, str] = field(default_factory=dict)
    light: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.buckets = {region: self._bucket(region) for region in REGIONS}
        self.host = f"{self.aws.name('www')}.example.com"
        control = {
            "Name": self.aws.name("oac"),
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        }
        made = self.aws("cloudfront").create_origin_access_control(OriginAccessControlConfig=control)
        self.control = str(made["OriginAccessControl"]["Id"])
        created = self.aws("cloudfront").create_distribution(DistributionConfig=self.config() | dict(self.changes))
        self.id, self.arn = str(created["Distribution"]["Id"]), str(created["Distribution"]["ARN"])
        for region in REGIONS:
            self.admit(region, self.arn)

    def _bucket(self, region: str) -> str:
        name = self.aws.name("content")
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.aws("s3", region).create_bucket(Bucket=name, **where)
        return name

    def admit(self, region: str, distribution: str, *actions: str) -> None:
        """Let a distribution, and nobody else, read a region's bucket."""
        arn = f"arn:aws:s3:::{self.buckets[region]}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": list(actions) or ["s3:GetObject", "s3:ListBucket"],
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"StringEquals": {"aws:SourceArn": distribution}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.aws("s3", region).put_bucket_policy(Bucket=self.buckets[region], Policy=policy)

    def put(self, region: str, key: str, body: str, **settings: object) -> None:
        """Put an object into a region's bucket."""
        self.aws("s3", region).put_object(Bucket=self.buckets[region], Key=key, Body=body, **settings)

    def put_everywhere(self, key: str) -> None:
        """Put an object into both buckets, whose content tells where it comes from."""
        for region in REGIONS:
            self.put(region, key, f"{key} of {region}", ContentType="text/plain")

    def config(self) -> Document:
        """Return the configuration as boto3 takes it."""
        origins = self.origins()
        group = {
            "Id": "content",
            "FailoverCriteria": {"StatusCodes": counted(403, 404, 500, 503)},
            "Members": counted({"OriginId": "content-1"}, {"OriginId": "content-2"}),
        }
        light = [{"EventType": "viewer-request", "FunctionARN": self.light}] if self.light else []
        return {
            "CallerReference": self.host,
            "Comment": "",
            "Enabled": True,
            "Aliases": counted(self.host),
            "DefaultRootObject": "index.html",
            "Origins": counted(*origins),
            "OriginGroups": counted(group),
            "DefaultCacheBehavior": self.behavior(*self.lambdas),
            "CacheBehaviors": counted(
                {
                    "PathPattern": "/assets/*",
                    **self.behavior(*(each for each in self.lambdas if each.startswith("origin"))),
                    "FunctionAssociations": counted(*light),
                }
            ),
            "CustomErrorResponses": counted(
                {"ErrorCode": 404, "ResponsePagePath": "/errors/404.html", "ResponseCode": "404"}
            ),
        }

    def origins(self) -> list[Document]:
        """Return the members of the origin group."""
        domains = {region: f"{self.buckets[region]}.s3.{region}.amazonaws.com" for region in REGIONS}
        listed = " ".join(f"{region}={domain}" for region, domain in domains.items())
        return [
            {
                "Id": f"content-{turn}",
                "DomainName": domains[region],
                "OriginPath": "",
                "CustomHeaders": counted(
                    {"HeaderName": "x-lifeboat-origins", "HeaderValue": listed},
                    {"HeaderName": "x-lifeboat-turn", "HeaderValue": str(turn)},
                ),
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "OriginAccessControlId": self.control,
            }
            for turn, region in enumerate(REGIONS, start=1)
        ]

    def behavior(self, *events: str) -> Document:
        """Return a cache behaviour with the functions of some events."""
        used = [
            {"EventType": event, "LambdaFunctionARN": self.lambdas[event], "IncludeBody": False} for event in events
        ]
        return {
            "TargetOriginId": "content",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": counted("GET", "HEAD", "OPTIONS") | {"CachedMethods": counted("GET", "HEAD")},
            "Compress": True,
            "CachePolicyId": CACHING_OPTIMIZED,
            "LambdaFunctionAssociations": counted(*used),
        }
