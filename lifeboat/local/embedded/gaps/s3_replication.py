"""S3: objects, their tags and delete markers are copied to every destination that a rule names."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend, s3_backends
from moto.s3.responses import S3Response

from lifeboat.local.embedded import replication
from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.s3 import Settings, destination_of, part, tags_of

COPIED = (
    "acl",
    "checksum_algorithm",
    "checksum_parts",
    "checksum_type",
    "checksum_value",
    "last_modified",
    "lock_legal_status",
    "lock_mode",
    "lock_until",
    "website_redirect_location",
)


@dataclass(frozen=True)
class _Change:
    """A version of an object that was made, or whose tags were changed."""

    account: str
    partition: str
    bucket: str
    key: str
    version: str

    def backend(self) -> S3Backend:
        """Return the S3 in which the change was made."""
        return s3_backends[self.account][self.partition]


def _version(bucket: FakeBucket, key: str, version: str) -> FakeKey | FakeDeleteMarker | None:
    return next((one for one in bucket.keys.getlist(key, []) if one.version_id == version), None)


def _deliver(change: _Change) -> None:
    """Send one version to every destination whose rule it meets."""
    backend = change.backend()
    bucket = backend.buckets.get(change.bucket)
    made = _version(bucket, change.key, change.version) if bucket else None
    if bucket is None or made is None:
        return
    rules = _rules_for(backend, bucket, made)
    if rules and isinstance(made, FakeKey) and made.replication_status != "REPLICA":
        made.replication_status = "PENDING"
    missing = {str(part(rule, "Destination", "Bucket")) for rule in rules}
    for rule in rules:
        destination = destination_of(rule)
        replication.submit(
            service="s3",
            source=bucket.region_name,
            target=destination.region_name if destination else bucket.region_name,
            make=_copy_of(change, rule, missing),
        )


def _rules_for(backend: S3Backend, bucket: FakeBucket, made: FakeKey | FakeDeleteMarker) -> list[Settings]:
    """Find the rule with the highest priority for each destination."""
    configuration: dict[str, list[Settings]] = getattr(bucket, "replication", None) or {}
    found: dict[object, Settings] = {}
    for rule in sorted(configuration.get("Rules", ()), key=lambda rule: int(str(rule.get("Priority", 0)))):
        if rule["Status"] == "Enabled" and _applies(backend, rule, made):
            found[part(rule, "Destination", "Bucket")] = rule
    return list(found.values())


def _applies(backend: S3Backend, rule: Settings, made: FakeKey | FakeDeleteMarker) -> bool:
    prefix = part(rule, "Prefix") or part(rule, "Filter", "Prefix") or part(rule, "Filter", "And", "Prefix")
    if not made.name.startswith(str(prefix or "")):
        return False
    if isinstance(made, FakeDeleteMarker):
        return part(rule, "DeleteMarkerReplication", "Status") == "Enabled" and not getattr(made, "is_replica", False)
    selects_encrypted = part(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status") == "Enabled"
    if made.encryption == "aws:kms" and not selects_encrypted:
        return False
    selects_changed = part(rule, "SourceSelectionCriteria", "ReplicaModifications", "Status") == "Enabled"
    if made.replication_status == "REPLICA" and not (selects_changed and getattr(made, "changed_here", False)):
        return False
    tags: dict[str, str] = backend.tagger.get_tag_dict_for_resource(made.arn)
    return tags_of(rule).items() <= tags.items()


def _copy_of(change: _Change, rule: Settings, missing: set[str]) -> Callable[[], None]:
    def make() -> None:
        backend = change.backend()
        source = backend.buckets.get(change.bucket)
        made = _version(source, change.key, change.version) if source else None
        if made is None:
            return
        target = destination_of(rule)
        if target is not None and target.is_versioned:
            _store(target, made, rule)
            missing.discard(str(part(rule, "Destination", "Bucket")))
            reached = "PENDING" if missing else "COMPLETED"
        else:
            reached = "FAILED"
        if isinstance(made, FakeKey) and made.replication_status not in ("REPLICA", "FAILED"):
            made.replication_status = reached

    return make


def _store(target: FakeBucket, made: FakeKey | FakeDeleteMarker, rule: Settings) -> None:
    """Put a version into a bucket, where versions are in the order of their time on either side."""
    existing = _version(target, made.name, made.version_id)
    if existing is None:
        existing = _marker_like(made) if isinstance(made, FakeDeleteMarker) else _object_like(made, target, rule)
        versions = [*target.keys.getlist(made.name, []), existing]
        target.keys.setlist(made.name, sorted(versions, key=lambda version: version.last_modified))
    if isinstance(made, FakeKey):
        existing.acl = made.acl
        tagger = s3_backends[target.account_id][target.partition].tagger
        tagger.delete_all_tags_for_resource(existing.arn)
        s3_backends[made.account_id][made.partition].tagger.copy_tags(made.arn, existing.arn)


def _marker_like(made: FakeDeleteMarker) -> FakeDeleteMarker:
    marker = copy.copy(made)
    marker.is_replica = True
    return marker


def _object_like(made: FakeKey, target: FakeBucket, rule: Settings) -> FakeKey:
    encryption, key = made.encryption, part(rule, "Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")
    if encryption != "aws:kms":
        encryption, key = _default_encryption(target, made)
    replica = FakeKey(
        name=made.name,
        bucket_name=target.name,
        value=made.value,
        account_id=target.account_id,
        region_name=made.region_name,
        storage=part(rule, "Destination", "StorageClass") or made.storage_class,
        etag=made.etag.strip('"'),
        is_versioned=True,
        version_id=made.version_id,
        multipart=made.multipart,
        encryption=encryption,
        kms_key_id=key,
        bucket_key_enabled=made.bucket_key_enabled,
    )
    for attribute in COPIED:
        setattr(replica, attribute, getattr(made, attribute))
    replica._metadata = copy.copy(made._metadata)
    replica.replication_status = "REPLICA"
    return replica


def _default_encryption(target: FakeBucket, made: FakeKey) -> tuple[str | None, str | None]:
    """Return how a bucket encrypts an object that came without a key of its own."""
    if not target.encryption:
        return made.encryption, None
    default = target.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
    return default["SSEAlgorithm"], default.get("KMSMasterKeyID")


_changes = replication.Changes[_Change](_deliver)


def _note(backend: S3Backend, bucket: str, made: FakeKey | FakeDeleteMarker) -> None:
    _changes.note(_Change(backend.account_id, backend.partition, bucket, made.name, made.version_id))


def _replicate_objects() -> None:
    plain_put, plain_mark = S3Backend.put_object, S3Backend._set_delete_marker
    plain_tag, plain_untag = S3Backend.put_object_tagging, S3Backend.delete_object_tagging

    @wraps(plain_put)
    def put_object(self: S3Backend, bucket_name: str, *args: object, **settings: object) -> FakeKey:
        made = plain_put(self, bucket_name, *args, **settings)
        _note(self, bucket_name, made)
        return made

    @wraps(plain_mark)
    def set_delete_marker(self: S3Backend, bucket_name: str, key_name: str) -> FakeDeleteMarker:
        marker = plain_mark(self, bucket_name, key_name)
        _note(self, bucket_name, marker)
        return marker

    @wraps(plain_tag)
    def put_object_tagging(self: S3Backend, key: FakeKey, tags: dict[str, str] | None) -> FakeKey:
        tagged = plain_tag(self, key, tags)
        tagged.changed_here = True
        _note(self, tagged.bucket_name, tagged)
        return tagged

    @wraps(plain_untag)
    def delete_object_tagging(self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None) -> None:
        plain_untag(self, bucket_name, key_name, version_id)
        untagged = self.get_object(bucket_name, key_name, version_id=version_id)
        untagged.changed_here = True
        _note(self, bucket_name, untagged)

    S3Backend.put_object, S3Backend._set_delete_marker = put_object, set_delete_marker
    S3Backend.put_object_tagging, S3Backend.delete_object_tagging = put_object_tagging, delete_object_tagging
    for request in ("bucket_response", "key_response"):
        _replicate_after(request)


def _replicate_after(request: str) -> None:
    """Replicate what a request did when it is done: moto sets metadata and tags after it made the object."""
    plain = getattr(S3Response, request)

    @wraps(plain)
    def respond(self: S3Response, *args: object, **settings: object) -> object:
        with _changes.together():
            return plain(self, *args, **settings)

    setattr(S3Response, request, respond)


GAPS = (
    Gap(
        name="s3.replication",
        missing="Nothing is ever replicated.",
        matters="A failover could not be shown to keep the data.",
        fill=_replicate_objects,
    ),
)
