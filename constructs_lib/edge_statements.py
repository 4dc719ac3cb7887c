"""What a region lets CloudFront do before there is a distribution: decrypt content, and deliver logs."""

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


def edge_reads(site: Site) -> Statement:
    """Let this account's distributions decrypt content. Which one may read a bucket is said by the bucket.

    The key is older than any distribution, hence the pattern; in a key policy `*` means this key:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    return Statement(
        sid="EdgeReads",
        services=("cloudfront.amazonaws.com",),
        actions=("kms:Decrypt",),
        resources=("*",),
        conditions={"ArnLike": {"aws:SourceArn": site.global_arn("cloudfront", "distribution/*")}},
    )
