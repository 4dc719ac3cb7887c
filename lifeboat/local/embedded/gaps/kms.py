"""KMS: rotation periods, and replica keys that are keys of their own."""

from __future__ import annotations

import json

from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from lifeboat.local.embedded.gap import Gap

# https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
DEFAULT_ROTATION_DAYS = 365


def fill_rotation_period() -> None:
    """Keep and return the rotation period; 365 days when none is asked for."""
    enable, status = KmsResponse.enable_key_rotation, KmsResponse.get_key_rotation_status

    def key(self: KmsResponse) -> Key:
        backend = self.kms_backend
        return backend.keys[backend.get_key_id(self._get_param("KeyId"))]

    def enable_key_rotation(self: KmsResponse) -> str:
        answer: str = enable(self)
        key(self).rotation_days = self._get_param("RotationPeriodInDays") or DEFAULT_ROTATION_DAYS
        return answer

    def get_key_rotation_status(self: KmsResponse) -> str:
        answer = json.loads(status(self)) | {"KeyId": key(self).arn}
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key(self), "rotation_days", DEFAULT_ROTATION_DAYS)
        return json.dumps(answer)

    KmsResponse.enable_key_rotation = enable_key_rotation
    KmsResponse.get_key_rotation_status = get_key_rotation_status


def fill_replica() -> None:
    """Give a replica key its own description, policy, tags and role, and leave its primary as it is."""
    replicate = KmsBackend.replicate_key

    def replicate_key(self: KmsBackend, key_id: str, replica_region: str) -> Key:
        replica = replicate(self, self.get_key_id(key_id), replica_region)
        family = replica.multi_region_configuration
        replica.multi_region_configuration = family | {"MultiRegionKeyType": "REPLICA"}
        return replica

    def answer_replicate_key(self: KmsResponse) -> str:
        key_id = self._get_param("KeyId")
        self._validate_key_id(key_id)
        region = self._get_param("ReplicaRegion")
        replica = self.kms_backend.replicate_key(key_id, region)
        replica.description = self._get_param("Description") or ""
        replica.policy = self._get_param("Policy") or replica.generate_default_policy()
        replica.key_rotation_status = False
        tags = {tag["TagKey"]: tag["TagValue"] for tag in self._get_param("Tags") or []}
        kms_backends[self.current_account][region].tag_resource(replica.id, tags)
        metadata = replica.to_dict()["KeyMetadata"]
        return json.dumps({"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy})

    KmsBackend.replicate_key = replicate_key
    KmsResponse.replicate_key = answer_replicate_key


GAPS = (
    Gap(
        name="kms.rotation_period",
        missing="The rotation period is not kept.",
        matters="Every plan would change it again.",
        fill=fill_rotation_period,
    ),
    Gap(
        name="kms.replica",
        missing="A replica key calls itself primary and loses its description, policy and tags.",
        matters="Every plan would change the replica, and nobody could tell it from its primary.",
        fill=fill_replica,
    ),
)
