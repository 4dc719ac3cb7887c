"""S3: replication rules and intelligent tiering are kept and read back as they were put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.s3.exceptions import ReplicationConfigurationNotFoundError, S3ClientError
from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends
from moto.s3.responses import S3Response

from lifeboat.local.embedded.gap import Gap

Settings = Mapping[str, object]  # a request or a part of it, under the names of the API's model

TIERING = "intelligent-tiering"


def part(settings: object, *path: str) -> object:
    """Return what lies at a path inside a request; None when any step is missing."""
    for name in path:
        settings = settings.get(name) if isinstance(settings, Mapping) else None
    return settings


def tags_of(rule: Settings) -> dict[str, str]:
    """Return the tags an object must have for a replication rule to apply to it."""
    several = part(rule, "Filter", "And", "Tags")
    tags = [part(rule, "Filter", "Tag"), *(several if isinstance(several, list) else [])]
    return {tag["Key"]: tag["Value"] for tag in tags if isinstance(tag, Mapping)}


def destination_of(rule: Settings) -> FakeBucket | None:
    """Return the bucket a rule copies to, whichever account owns it; None when there is none."""
    name = str(part(rule, "Destination", "Bucket")).rsplit(":", maxsplit=1)[-1]
    partition, account = s3_backends.bucket_accounts.get(name, (None, None))
    return None if account is None else s3_backends[account][partition].buckets.get(name)


def _parsed(self: S3Response, action: str, payload: str) -> dict[str, object]:
    """Return the payload of a request under the names of the API's model."""
    self.data["Action"] = action
    self.parse_parameters(self.normalized_request)
    parsed: dict[str, object] = self.params[payload]
    return parsed


def _replication_rules() -> None:
    def replication_config_from_xml(self: S3Response, _xml: str) -> dict[str, object]:
        return _parsed(self, "PutBucketReplication", "ReplicationConfiguration")

    def put_bucket_replication(self: S3Backend, bucket_name: str, replication: dict[str, list[Settings]]) -> None:
        for rule in replication["Rules"]:
            if complaint := next(_complaints(rule), None):
                raise S3ClientError("InvalidRequest", complaint)
        names = [rule["ID"] for rule in replication["Rules"] if rule.get("ID")]
        if len(names) != len(set(names)):
            raise S3ClientError("InvalidRequest", "Rule Id must be unique. Found same Id for more than one rule")
        rules = [{"ID": mock_random.get_random_hex(30)} | dict(rule) for rule in replication["Rules"]]
        self.get_bucket(bucket_name).replication = {**replication, "Rules": rules}

    def get_bucket_replication(self: S3Response) -> object:
        kept = self.backend.get_bucket_replication(self.bucket_name)
        if not kept:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        self.data["Action"] = "GetBucketReplication"
        return self.serialized(ActionResult({"ReplicationConfiguration": kept}))

    S3Response._replication_config_from_xml = replication_config_from_xml
    S3Backend.put_bucket_replication = put_bucket_replication
    S3Response.get_bucket_replication = get_bucket_replication


def _complaints(rule: Settings) -> Iterator[str]:
    """Say what S3 would refuse about a rule.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
    """
    destination = destination_of(rule)
    if destination is None:
        yield "Destination bucket must exist."
    elif not destination.is_versioned:
        yield "Destination bucket must have versioning enabled."
    if "Filter" in rule:
        for needed in ("DeleteMarkerReplication", "Priority"):
            if needed not in rule:
                yield f"{needed} must be specified for this version of Cross Region Replication configuration schema."
    if tags_of(rule) and part(rule, "DeleteMarkerReplication", "Status") == "Enabled":
        yield "Delete marker replication is not supported if any Tag filter is specified."
    encrypts = part(rule, "Destination", "EncryptionConfiguration", "ReplicaKmsKeyID") is not None
    if encrypts != (part(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status") == "Enabled"):
        yield "SseKmsEncryptedObjects and EncryptionConfiguration must be specified together."
    if part(rule, "Destination", "ReplicationTime") and not part(rule, "Destination", "Metrics"):
        yield "Metrics must be specified when ReplicationTime is specified."


Configurations = dict[str, dict[str, object]]


def _intelligent_tiering() -> None:
    for method, handle in (("get", _get_tiering), ("put", _put_tiering), ("delete", _delete_tiering)):
        _answer_for_tiering(f"_bucket_response_{method}", handle)


def _answer_for_tiering(name: str, handle: Callable[[S3Response, Configurations, str], object]) -> None:
    plain = getattr(S3Response, name)

    def answer(self: S3Response, *request: object) -> object:
        bucket_name, querystring = request[-2:]
        if not isinstance(querystring, Mapping) or TIERING not in querystring:
            return plain(self, *request)
        bucket = self.backend.get_bucket(bucket_name)
        kept = bucket.__dict__.setdefault("tiering", {})
        return handle(self, kept, querystring.get("id", [""])[0])

    setattr(S3Response, name, answer)


def _no_such_configuration() -> S3ClientError:
    return S3ClientError("NoSuchConfiguration", "The specified configuration does not exist.")


def _get_tiering(self: S3Response, kept: Configurations, name: str) -> object:
    if not name:
        self.data["Action"] = "ListBucketIntelligentTieringConfigurations"
        return self.serialized(ActionResult({"IntelligentTieringConfigurationList": list(kept.values())}))
    if name not in kept:
        raise _no_such_configuration()
    self.data["Action"] = "GetBucketIntelligentTieringConfiguration"
    return self.serialized(ActionResult({"IntelligentTieringConfiguration": kept[name]}))


def _put_tiering(self: S3Response, kept: Configurations, name: str) -> object:
    kept[name] = _parsed(self, "PutBucketIntelligentTieringConfiguration", "IntelligentTieringConfiguration")
    return 200, {}, ""


def _delete_tiering(_self: S3Response, kept: Configurations, name: str) -> object:
    if kept.pop(name, None) is None:
        raise _no_such_configuration()
    return 204, {}, ""


def _logging_format() -> None:
    plain = S3Response.get_bucket_logging

    def get_bucket_logging(self: S3Response) -> object:
        kept = self.backend.get_bucket_logging(self.bucket_name)
        naming = part(kept, "TargetObjectKeyFormat")
        if not isinstance(naming, Mapping):
            return plain(self)
        self.data["Action"] = "GetBucketLogging"
        shown = {name: kept[name] for name in ("TargetBucket", "TargetPrefix")}
        shown["TargetObjectKeyFormat"] = {name: value or {} for name, value in naming.items()}
        return self.serialized(ActionResult({"LoggingEnabled": shown}))

    S3Response.get_bucket_logging = get_bucket_logging


def _show_replication_status() -> None:
    FakeKey.replication_status = None
    plain = FakeKey.response_dict.fget

    def response_dict(self: FakeKey) -> dict[str, str]:
        headers: dict[str, str] = plain(self)
        if self.replication_status:
            headers["x-amz-replication-status"] = self.replication_status
        return headers

    FakeKey.response_dict = property(response_dict)


GAPS = (
    Gap(
        name="s3.replication_rules",
        missing="A replication rule is read back without filter, delete markers and source selection, unchecked.",
        matters="Rules that S3 refuses would pass, and correct ones would never converge.",
        fill=_replication_rules,
    ),
    Gap(
        name="s3.intelligent_tiering",
        missing="An intelligent tiering configuration is not kept.",
        matters="Terraform could not apply one.",
        fill=_intelligent_tiering,
    ),
    Gap(
        name="s3.logging_format",
        missing="How access logs are named is not read back.",
        matters="Logs partitioned by date would never converge.",
        fill=_logging_format,
    ),
    Gap(
        name="s3.replication_status",
        missing="HeadObject does not tell whether an object was replicated.",
        matters="A drill could not count the objects that are still on their way.",
        fill=_show_replication_status,
    ),
)
