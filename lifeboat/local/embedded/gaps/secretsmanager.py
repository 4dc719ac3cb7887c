"""Secrets Manager: replicas with keys of their own, and their promotion."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence

from moto.secretsmanager.exceptions import InvalidParameterException
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse

from lifeboat.local.embedded.gap import Gap


def _replica_keys() -> None:
    plain_create, plain_show = FakeSecret.create_replicas, ReplicaSecret.to_dict

    def create_replicas(
        self: FakeSecret, replica_regions: Sequence[Mapping[str, str]], force_overwrite: bool
    ) -> list[ReplicaSecret]:
        replicas: list[ReplicaSecret] = plain_create(self, replica_regions, force_overwrite=force_overwrite)
        for asked, replica in zip(replica_regions, replicas, strict=True):
            if key := asked.get("KmsKeyId"):
                replica.config["KmsKeyId"] = key
            if not replica.has_replica:
                message = f"Replication failed: Secret name {self.name} already exists in region {replica.region}."
                replica.config["StatusMessage"] = message
        return replicas

    def to_dict(self: ReplicaSecret) -> dict[str, object]:
        shown: dict[str, object] = plain_show(self)
        shown.pop("KmsKeyId", None)
        if not self.config["KmsKeyId"].startswith("alias/aws/"):
            shown["KmsKeyId"] = self.config["KmsKeyId"]
        return shown

    FakeSecret.create_replicas, ReplicaSecret.to_dict = create_replicas, to_dict


def _promote_replicas() -> None:
    def stop_replication_to_replica(self: SecretsManagerResponse) -> str:
        replica = self.backend.describe_secret(self._get_param("SecretId"))
        if not isinstance(replica, ReplicaSecret):
            raise InvalidParameterException("The operation can only be called on a replica secret.")
        source = replica.source
        promoted = copy.copy(source)
        promoted.arn, promoted.region = replica.arn, replica.region
        promoted.replicas = []
        promoted.versions = copy.deepcopy(source.versions)
        promoted.tags = copy.deepcopy(source.tags)
        promoted.kms_key_id = replica.config["KmsKeyId"]
        source.replicas.remove(replica)
        secrets = secretsmanager_backends[source.account_id][replica.region].secrets
        dict.pop(secrets, replica.arn)
        secrets[promoted.name] = promoted
        return json.dumps({"ARN": promoted.arn})

    SecretsManagerResponse.stop_replication_to_replica = stop_replication_to_replica


GAPS = (
    Gap(
        name="secretsmanager.replica_key",
        missing="Every replica claims to use the AWS-managed key.",
        matters="Terraform would replace the replica for ever.",
        fill=_replica_keys,
    ),
    Gap(
        name="secretsmanager.promote_replica",
        missing="StopReplicationToReplica is not implemented.",
        matters="A replica could not be made writable when its primary region is lost.",
        fill=_promote_replicas,
    ),
)
