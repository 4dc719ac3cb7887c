"""How a log bucket takes CloudFront's logs."""

from __future__ import annotations

from constructs_lib.policy import Statement
from constructs_lib.site import Site


def edge_logs(edge: Site, arn: str) -> Statement:
    """Let CloudFront's deliverer write below its own prefix, for this account only.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
    """
    return Statement(
        sid="EdgeLogs",
        services=("delivery.logs.amazonaws.com",),
        actions=("s3:PutObject",),
        resources=(f"{arn}/AWSLogs/{edge.account}/CloudFront/*",),
        conditions={
            "StringEquals": {"aws:SourceAccount": edge.account},
            "ArnLike": {"aws:SourceArn": edge.arn("logs", "delivery-source:*")},
        },
    )
