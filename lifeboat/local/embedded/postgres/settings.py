"""The configuration files of a server: small, because dozens may run, and careless of power failures."""

from __future__ import annotations

from collections.abc import Mapping

ADMIN = "rdsadmin"
"""The superuser, as on AWS. It has no password and is let in through the socket in the server's folder only."""
SUPERUSERS = "rds_superuser"
"""The role that a master user is a member of:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html"""

ROLES = f"""
CREATE ROLE {SUPERUSERS} NOLOGIN;
CREATE ROLE rds_replication NOLOGIN;
CREATE ROLE rds_iam NOLOGIN;
GRANT pg_monitor, pg_signal_backend, pg_read_all_data, pg_write_all_data TO {SUPERUSERS} WITH ADMIN OPTION;
"""
"""What a fresh server holds besides PostgreSQL's own roles."""

FORCE_SSL = "rds.force_ssl"
FORCED_SINCE = {"postgres": 15, "aurora-postgresql": 17}
"""The major version of each engine from which on TLS is demanded unless a parameter group says otherwise:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html"""

FIXED: Mapping[str, str] = {
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",  # /dev/shm is 64 MB in a container
    "fsync": "off",
    "full_page_writes": "on",  # a backup of a standby needs it
    "hot_standby": "on",
    "jit": "off",
    "listen_addresses": "",
    "log_timezone": "UTC",
    "max_connections": "100",
    "max_logical_replication_workers": "0",
    "max_wal_size": "64MB",
    "max_wal_senders": "16",
    "min_wal_size": "4MB",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "8MB",
    "ssl": "on",
    "ssl_min_protocol_version": "TLSv1.2",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "unix_socket_permissions": "0700",
    "wal_level": "replica",
    "wal_receiver_status_interval": "1s",
    "wal_receiver_timeout": "10s",
    "wal_retrieve_retry_interval": "200ms",
}
KEPT_FOR_STANDBYS = "512MB"
"""Write-ahead log that a standby may be behind before it has to be made anew."""


def is_ssl_forced(engine: str, version: str, parameters: Mapping[str, str]) -> bool:
    """Tell whether a server refuses connections without TLS.

    Args:
        engine: Such as `aurora-postgresql`.
        version: Its engine version.
        parameters: What its parameter group sets.
    """
    major = int(version.split(".", maxsplit=1)[0])
    default = "1" if major >= FORCED_SINCE.get(engine, major + 1) else "0"
    return parameters.get(FORCE_SSL, default) == "1"


def main_settings(folder: str, host: str, port: int) -> str:
    """Return `postgresql.conf`. What changes while a server lives is in files that it includes."""
    own = {
        "listen_addresses": host,
        "port": str(port),
        "unix_socket_directories": folder,
        "hba_file": f"{folder}/access.conf",
        "ssl_cert_file": f"{folder}/server.crt",
        "ssl_key_file": f"{folder}/server.key",
        "wal_keep_size": KEPT_FOR_STANDBYS,
    }
    lines = [f"{name} = '{value}'" for name, value in {**FIXED, **own}.items()]
    return "\n".join([*lines, f"include '{folder}/replication.conf'", ""])


def access_settings(*, ssl_forced: bool) -> str:
    """Return who may connect, `pg_hba.conf`: the superuser through the socket, everybody else with a password."""
    kind = "hostssl" if ssl_forced else "host"
    return "\n".join(
        [
            f"local all {ADMIN} trust",
            f"local replication {ADMIN} trust",
            f"host all {ADMIN} 0.0.0.0/0 reject",
            f"{kind} all all 0.0.0.0/0 scram-sha-256",
            "",
        ]
    )


def replication_settings(source: str | None, port: int, name: str) -> str:
    """Return whom a standby follows: the folder of its source's socket. None: nobody."""
    if source is None:
        return "primary_conninfo = ''\n"
    return f"primary_conninfo = 'host={source} port={port} user={ADMIN} application_name={name}'\n"
