"""Who may read content: one distribution, and nobody else."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from constructs import Construct

from constructs_lib.policy import Statement, document, tls_only
from constructs_lib.replication import BucketMember

CLOUDFRONT = "cloudfront.amazonaws.com"


class ContentAccess(Construct):
    """The policy of one region's content bucket: it names the distribution, which no region knows beforehand.

    A bucket has one policy, so the region that makes the bucket makes none: docs/decisions/0014-content-policies.md.
    """

    def __init__(self, scope: Construct, id_: str, *, bucket: BucketMember, distribution_arn: str) -> None:
        """Let the distribution read.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html

        Args:
            scope: Parent construct.
            id_: Permanent id.
            bucket: The bucket.
            distribution_arn: The distribution.
        """
        super().__init__(scope, id_)
        only_ours = {"StringEquals": {"aws:SourceArn": distribution_arn}}
        S3BucketPolicy(
            self,
            "policy",
            bucket=bucket.name,
            policy=document(
                Statement(
                    sid="EdgeReads",
                    services=(CLOUDFRONT,),
                    actions=("s3:GetObject",),
                    resources=(f"{bucket.arn}/*",),
                    conditions=only_ours,
                ),
                # Without it S3 answers 403 for what is not there, as if it were forbidden. No list is ever delivered:
                # queries are not passed on, and the root is the default page.
                Statement(
                    sid="EdgeTellsMissing",
                    services=(CLOUDFRONT,),
                    actions=("s3:ListBucket",),
                    resources=(bucket.arn,),
                    conditions=only_ours,
                ),
                tls_only(bucket.arn),
            ),
            provider=bucket.peer.provider,
        )
