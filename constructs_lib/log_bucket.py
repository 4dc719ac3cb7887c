"""The bucket of a region that services deliver their logs to."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from constructs import Construct

from constructs_lib.bucket import LOG_DAYS, Bucket, PrivateBucket, expire_everything
from constructs_lib.edge_statements import edge_logs
from constructs_lib.policy import Statement
from constructs_lib.site import Site


class LogBucket(PrivateBucket):
    """Where load balancers, flow logs and S3 itself deliver their logs.

    Encrypted with S3's own keys: load balancers can deliver to nothing else
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html).
    """

    def __init__(self, scope: Construct, id_: str, *, site: Site, edge: Site | None = None) -> None:
        """Create the bucket.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the bucket lives; logs are kept a year here, or longer where the site says so.
            edge: Where CloudFront's logs come from. Absent: there are none.
        """
        super().__init__(
            scope,
            id_,
            site=site,
            name=site.names.bucket("logs", site.region, site.account),
            key=None,
            rules=[expire_everything(max(LOG_DAYS, site.log_days))],
            statements=lambda arn: [*_log_deliveries(site, arn), *([edge_logs(edge, arn)] if edge else [])],
        )

    def receive_access_logs(self, bucket: Bucket) -> None:
        """Keep the access logs of another bucket here."""
        S3BucketLoggingA(
            bucket,
            "access-logs",
            bucket=bucket.name,
            target_bucket=self.name,
            target_prefix=f"s3/{bucket.purpose}/",
            depends_on=[self.policy],
        )


def _log_deliveries(site: Site, arn: str) -> list[Statement]:
    """Let the three log services write below their own prefixes, for this account only."""
    ours = {"StringEquals": {"aws:SourceAccount": site.account}}
    flow_logs = {**ours, "ArnLike": {"aws:SourceArn": site.arn("logs", "*")}}
    deliverer = "delivery.logs.amazonaws.com"
    return [
        Statement(
            sid="LoadBalancerLogs",
            services=("logdelivery.elasticloadbalancing.amazonaws.com",),
            actions=("s3:PutObject",),
            resources=(f"{arn}/alb/AWSLogs/{site.account}/*",),
            conditions={"ArnLike": {"aws:SourceArn": site.arn("elasticloadbalancing", "loadbalancer/*")}},
        ),
        Statement(
            sid="FlowLogs",
            services=(deliverer,),
            actions=("s3:PutObject",),
            resources=(f"{arn}/vpc/AWSLogs/*",),
            conditions=flow_logs,
        ),
        Statement(
            sid="FlowLogsCheck",
            services=(deliverer,),
            actions=("s3:GetBucketAcl",),
            resources=(arn,),
            conditions=flow_logs,
        ),
        Statement(
            sid="AccessLogs",
            services=("logging.s3.amazonaws.com",),
            actions=("s3:PutObject",),
            resources=(f"{arn}/s3/*",),
            conditions=ours,
        ),
    ]
