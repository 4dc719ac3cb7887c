"""S3 as an origin: CloudFront's signed request, judged by the bucket's and the key's own policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket, FakeKey, s3_backends

from lifeboat.local.embedded.dark import DARK
from lifeboat.local.embedded.viewer.exchange import Answer, Headers, NoAnswerError, headers_of
from lifeboat.local.embedded.viewer.policy import lets_in

ENDPOINT = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")
"""A bucket's name in its own region."""
SHOWN = {"etag", "last-modified", "content-length"}


def ask_bucket(domain: str, path: str, distribution_arn: str, *, signed: bool) -> Answer:
    """Return what a bucket answers to a GET.

    Args:
        domain: The bucket's endpoint.
        path: Path of the object, starting with a slash.
        distribution_arn: Who asks.
        signed: Whether the origin has an access control that signs the request; S3 lets nobody else in.

    Raises:
        NoAnswerError: The region is dark, or there is no such bucket there.
    """
    found = ENDPOINT.fullmatch(domain)
    if not found:
        raise NoAnswerError(f"{domain} is no bucket's endpoint")
    if DARK.is_dark(found["region"]):
        raise NoAnswerError(f"{found['region']} does not answer")
    account, bucket = _bucket(found["bucket"])
    if bucket is None or bucket.region_name != found["region"]:
        return _error(404, "NoSuchBucket")
    context = {"aws:sourcearn": distribution_arn, "aws:sourceaccount": account, "aws:securetransport": "true"}
    arn = f"arn:aws:s3:::{bucket.name}"
    name = unquote(path).lstrip("/")
    if not (signed and lets_in(bucket.policy, "s3:GetObject", f"{arn}/{name}", context)):
        return _error(403, "AccessDenied")
    key = bucket.keys.get(name)
    if not isinstance(key, FakeKey):
        may_know = lets_in(bucket.policy, "s3:ListBucket", arn, context)
        return _error(404, "NoSuchKey") if may_know else _error(403, "AccessDenied")
    if not _may_decrypt(account, bucket.region_name, key, context):
        return _error(403, "AccessDenied")
    return Answer(status=200, headers=_headers(key), body=bytes(key.value))


def _bucket(name: str) -> tuple[str, FakeBucket | None]:
    for account, _, backend in list(s3_backends.iter_backends()):
        if name in backend.buckets:
            return account, backend.buckets[name]
    return "", None


def _may_decrypt(account: str, region: str, key: FakeKey, context: Mapping[str, str]) -> bool:
    """Ask the object's key: S3 decrypts for whom the key lets decrypt."""
    if key.encryption != "aws:kms":
        return True
    backend = kms_backends[account][region]
    wanted = str(key.kms_key_id or "").rpartition("/")[2]
    found = backend.keys.get(wanted)
    return found is not None and lets_in(found.policy, "kms:Decrypt", found.arn, context)


def _headers(key: FakeKey) -> Headers:
    shown = {name.lower(): str(value) for name, value in (key.response_dict | dict(key.metadata)).items()}
    kept = {name: value for name, value in shown.items() if name in SHOWN or name.startswith(("content-", "cache-"))}
    return {name: [{"key": name.title(), "value": value}] for name, value in kept.items()}


def _error(status: int, code: str) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'.encode()
    return Answer(status=status, headers=headers_of(content_type="application/xml"), body=body)
