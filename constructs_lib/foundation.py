"""What every tier of a region stands on, made once and passed whole."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.alarms import AlarmTopic, Pager
from constructs_lib.endpoints import Endpoints
from constructs_lib.keys import RegionKey
from constructs_lib.log_bucket import LogBucket
from constructs_lib.network import Network
from constructs_lib.security_group import SecurityGroup
from constructs_lib.site import Site


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """A region before its tiers: where it is, how it encrypts, whom it tells, where it logs, how it is connected."""

    site: Site
    key: RegionKey
    topic: AlarmTopic
    pager: Pager
    logs: LogBucket
    network: Network
    endpoints: Endpoints
    has_nat: bool

    def connect(self, client: SecurityGroup) -> None:
        """Let private code out: to AWS through endpoints, and to the internet only where there is a NAT gateway."""
        self.endpoints.allow_from(client)
        if self.has_nat:
            client.allow_to_internet()
