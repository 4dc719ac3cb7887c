"""Attachments in S3, under `orders/<id>/<name>`. The bucket encrypts by its own default key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from .clients import bounded, error_code
from .logic import ATTACHMENT_LIMIT
from .model import Attachment
from .refusals import Refusal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class AttachmentBucket:
    """The region's bucket; replication to other regions is S3's work."""

    name = "bucket"

    def __init__(self, bucket: str, *, region: str) -> None:
        self._bucket = bucket
        self._client: S3Client = boto3.client("s3", config=bounded(region))

    def put(self, order_id: str, name: str, attachment: Attachment) -> None:
        """Keep an attachment; one of the same name becomes an older version of it."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=_key(order_id, name),
            Body=attachment.content,
            ContentType=attachment.content_type,
        )

    def get(self, order_id: str, name: str) -> Attachment | None:
        """Fetch an attachment; None when there is none.

        Raises:
            Refusal: 413 when something else than this API put an object there that the entry could not carry.
        """
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=_key(order_id, name))
        except ClientError as error:
            if error_code(error) != "NoSuchKey":
                raise
            return None
        with answer["Body"] as body:
            if answer["ContentLength"] > ATTACHMENT_LIMIT:
                raise Refusal(413, "ATTACHMENT_TOO_LARGE", "This attachment is too large to be fetched here.")
            return Attachment(content=body.read(), content_type=answer["ContentType"])

    def probe(self) -> None:
        """Ask whether the bucket is there; raises when it does not answer. Needs `s3:ListBucket`."""
        self._client.head_bucket(Bucket=self._bucket)


def _key(order_id: str, name: str) -> str:
    return f"orders/{order_id}/{name}"
