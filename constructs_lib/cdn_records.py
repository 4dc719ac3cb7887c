"""The names of a distribution: aliases for IPv4 and IPv6."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from constructs_lib.entry import Target
from constructs_lib.zone import Zone

FAMILIES = ("A", "AAAA")


class DistributionRecords(Construct):
    """Every name of a distribution, for both families of addresses."""

    def __init__(self, scope: Construct, id_: str, *, zone: Zone, names: Sequence[str], target: Target) -> None:
        """Publish the names.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            zone: Zone that holds the names.
            names: The distribution's own name, then its aliases.
            target: The distribution.
        """
        super().__init__(scope, id_)
        own, *aliases = names
        labels = {own: "own"} | {alias: alias for alias in aliases}
        # Route 53 does not evaluate the health of a distribution, which is nowhere and everywhere:
        # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html
        alias = Route53RecordAlias(name=target.name, zone_id=target.zone, evaluate_target_health=False)
        for name, label in labels.items():
            for family in FAMILIES:
                Route53Record(self, f"{label}-{family.lower()}", zone_id=zone.id, name=name, type=family, alias=alias)
