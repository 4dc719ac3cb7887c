"""Service Quotas: the limits that a deployment meets first, with the values of a new account."""

from __future__ import annotations

from moto.servicequotas.models import ServiceQuotasBackend

from lifeboat.local.embedded.gap import Gap

QUOTAS = {
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
    ("rds", "L-952B80B8"): ("DB clusters", 40),
    ("rds", "L-7B6409FD"): ("DB instances", 40),
    ("lambda", "L-B99A9384"): ("Concurrent executions", 1000),
}
"""https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html"""


def fill_quotas() -> None:
    """Know the quotas of EC2, RDS and Lambda."""
    plain = ServiceQuotasBackend.get_service_quota

    def get_service_quota(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, object]:
        known = QUOTAS.get((service_code, quota_code))
        if known is None:
            found: dict[str, object] = plain(self, service_code, quota_code)
            return found
        name, value = known
        return {
            "ServiceCode": service_code,
            "QuotaCode": quota_code,
            "QuotaName": name,
            "QuotaArn": f"arn:aws:servicequotas:{self.region_name}:{self.account_id}:{service_code}/{quota_code}",
            "Value": float(value),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }

    ServiceQuotasBackend.get_service_quota = get_service_quota


GAPS = (
    Gap(
        name="servicequotas.values",
        missing="Only the quotas of VPCs are known.",
        matters="Nobody could see before a deploy that a standby has no room.",
        fill=fill_quotas,
    ),
)
