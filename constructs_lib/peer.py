"""A region as the global stack sees it: how to reach it, its key, and whom its alarms tell."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import TerraformProvider

from constructs_lib.alarms import Pager
from constructs_lib.site import Site


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One region among several.

    Attributes:
        site: The region.
        provider: The global stack's provider for it.
        key_arn: The region's own key.
        pager: Whom alarms in that region tell.
    """

    site: Site
    provider: TerraformProvider
    key_arn: str
    pager: Pager

    @property
    def region(self) -> str:
        """AWS region."""
        return self.site.region
