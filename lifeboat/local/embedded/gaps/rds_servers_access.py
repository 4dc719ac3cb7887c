"""RDS: who gets into a server: the master password and its changes, and whether TLS is demanded."""

from __future__ import annotations

import json
from collections.abc import MutableMapping

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.rds.models import DBCluster, DBInstance, MasterUserSecret, RDSBackend
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_servers import is_ssl_forced_for, password_of, server_of, told_to_caller

MANAGED_PASSWORD_LENGTH = 28


def _change_passwords() -> None:
    plain_cluster, plain_instance = RDSBackend.modify_db_cluster, RDSBackend.modify_db_instance

    def modify_db_cluster(self: RDSBackend, settings: MutableMapping[str, object]) -> DBCluster:
        cluster = self.clusters.get(settings["db_cluster_identifier"])
        before = password_of(cluster) if cluster else ""
        changed = plain_cluster(self, settings)
        _bring_in_line(changed, before)
        return changed

    def modify_db_instance(self: RDSBackend, name: str, settings: MutableMapping[str, object]) -> DBInstance:
        before = password_of(self.describe_db_instances(name)[0])
        changed = plain_instance(self, name, settings)
        if changed.db_cluster_identifier is None:
            _bring_in_line(changed, before)
        return changed

    RDSBackend.modify_db_cluster, RDSBackend.modify_db_instance = modify_db_cluster, modify_db_instance


def _bring_in_line(resource: DBCluster | DBInstance, before: str) -> None:
    """Let the server know the password and the parameter group that a change gave to its cluster or instance."""
    database, password = server_of(resource), password_of(resource)
    if database is None:
        return
    if password and password != before:
        with told_to_caller(lambda: None):
            database.server.change_password(str(resource.master_username), password)
    _demand_tls(resource)


def _demand_tls(resource: DBCluster | DBInstance) -> None:
    database = server_of(resource)
    forced = is_ssl_forced_for(resource)
    if database is not None and database.ssl_forced != forced:
        database.ssl_forced = forced
        database.server.let_in(ssl_forced=forced)


def _follow_parameter_groups() -> None:
    for owner, calls in (
        (RDSBackend, ("modify_db_cluster_parameter_group", "modify_db_parameter_group")),
        (RDSResponse, ("reset_db_cluster_parameter_group", "reset_db_parameter_group")),
    ):
        for call in calls:
            _follow_parameters(owner, call)


def _follow_parameters(owner: type, call: str) -> None:
    plain = getattr(owner, call)

    def followed(self: RDSBackend | RDSResponse, *args: object, **options: object) -> ActionResult:
        result = plain(self, *args, **options)
        backend: RDSBackend = self if isinstance(self, RDSBackend) else self.backend
        for resource in (*backend.clusters.values(), *backend.databases.values()):
            if resource.resource_type == "cluster" or resource.db_cluster_identifier is None:
                _demand_tls(resource)
        return result

    setattr(owner, call, followed)


def _manage_passwords() -> None:
    def generate(self: MasterUserSecret) -> str:
        """Give the secret the real user, and a password that the resource is made with."""
        password = str(mock_random.get_random_hex(MANAGED_PASSWORD_LENGTH))
        self.resource._master_user_password = password
        return json.dumps({"username": self.resource.master_username, "password": password})

    def rotate_secret(self: MasterUserSecret) -> None:
        self._status = "rotating"
        self.secretsmanager.put_secret_value(
            self.secret.arn, self._generate_secret_string(), None, str(mock_random.uuid4()), ["AWSCURRENT"]
        )

    MasterUserSecret._generate_secret_string = generate
    MasterUserSecret.rotate_secret = rotate_secret


def _let_in() -> None:
    _change_passwords()
    _follow_parameter_groups()


GAPS = (
    Gap(
        name="rds.server_access",
        missing="A new master password changes nothing, and neither does rds.force_ssl.",
        matters="A rotation could not be tried: the old password would go on working.",
        fill=_let_in,
    ),
    Gap(
        name="rds.managed_password",
        missing="A password that RDS manages is the same for everybody, under a user who does not exist.",
        matters="Nobody could connect with what the secret says.",
        fill=_manage_passwords,
    ),
)
