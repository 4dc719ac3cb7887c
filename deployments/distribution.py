"""What a file may say about delivery from the edge: origins, failover, pages, variants, and code that runs there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from deployments.part import Name, Part

EDGE_REGION = "us-east-1"
"""Where CloudFront takes code, certificates and firewalls from, and keeps its metrics:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html"""

EDGE_CACHES = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
"""Regions with a regional edge cache, where Lambda@Edge runs, logs and is measured:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowCloudFrontWorks.html"""

PriceClass = Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"]
Folder = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=32)]
"""A folder below functions/; a Python package, hence no hyphens."""
PagePath = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._/-]+$", max_length=255)]
VariantName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
Percent = Annotated[int, Field(ge=1, le=100)]


class EdgeFunction(Part):
    """A Lambda@Edge function: what it is and what it may use. The event decides the limits."""

    function: Folder = Field(description="Folder below functions/ that holds the code.")
    memory_mb: int = Field(default=128, ge=128, le=10240, description="Memory, in MB.")
    timeout_seconds: int = Field(default=5, ge=1, le=900, description="Time limit of one event, in seconds.")
    environment: dict[str, str] = Field(
        default={}, description="Must stay empty: Lambda@Edge has no environment variables."
    )

    @property
    def name(self) -> str:
        """What the function is called after system and suffix."""
        return self.function.replace("_", "-")


class Distribution(Part):
    """A CloudFront distribution before the content buckets of every region.

    Reading fails over request by request, from bucket to bucket. Writing goes to the service, by a name of its own.
    """

    buckets: Annotated[tuple[Name, ...], Field(strict=False, min_length=1)] = Field(
        description="Buckets with content: the first answers every path, each other one the paths below /<its name>/."
    )
    aliases: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="More names than the system's own, inside the zone. Absent: none."
    )
    failover_codes: Annotated[tuple[int, ...], Field(strict=False, min_length=1)] = Field(
        default=(403, 404, 500, 502, 503, 504),
        description="Answers of a region's bucket after which the next region's is asked. 403 and 404 find what is"
        " not replicated yet.",
    )
    connection_attempts: int = Field(default=2, ge=1, le=3, description="Attempts to connect before failing over.")
    connection_seconds: int = Field(default=3, ge=1, le=10, description="Time limit of one attempt, in seconds.")
    price_class: PriceClass = Field(default="PriceClass_All", description="Which edge locations answer.")
    default_page: str = Field(
        default="index.html", pattern=r"^[A-Za-z0-9._-]+$", max_length=255, description="Page of a folder."
    )
    error_pages: dict[str, PagePath] = Field(
        default={}, description="Page for an error by its status code, such as 404. Absent: the error as it is."
    )
    error_seconds: int = Field(default=5, ge=0, le=3600, description="How long an error is cached, in seconds.")
    content_security_policy: str | None = Field(
        default=None, min_length=1, max_length=1000, description="Content-Security-Policy header. Absent: none."
    )
    variants: dict[VariantName, Percent] = Field(
        default={},
        description="Share of visitors, in percent, that sees what lies below /_<variant>/ of the first bucket. What"
        " is left sees the bucket itself. Absent: everybody does.",
    )
    viewer_request: EdgeFunction | None = Field(
        default=None, description="Runs before the cache: spells paths in one way, assigns variants. Absent: nothing."
    )
    origin_request: EdgeFunction | None = Field(
        default=None, description="Runs after the cache: asks the nearest region first. Absent: the primary is."
    )
    path_function: Folder | None = Field(
        default=None,
        description="Folder with function.js, a CloudFront function that spells the paths of the other buckets in one"
        " way, for a sixth of Lambda@Edge's price. Absent: nothing.",
    )

    failovers_per_minute: int = Field(
        default=100,
        ge=1,
        description="Failovers in one minute, as counted near one region, from which on a person is told. What is"
        " missing in every region counts as well.",
    )

    @property
    def edge_functions(self) -> dict[str, EdgeFunction]:
        """The Lambda@Edge functions by the event that they run at."""
        found = {"viewer-request": self.viewer_request, "origin-request": self.origin_request}
        return {event: function for event, function in found.items() if function}
