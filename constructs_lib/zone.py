"""The public hosted zone, which exists beforehand, and the certificate that proves the names are ours."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformProvider, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from constructs import Construct

VALIDATION_TTL = 60


class Zone(Construct):
    """The hosted zone, found by its name."""

    def __init__(self, scope: Construct, id_: str, *, name: str) -> None:
        """Find the zone.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            name: Domain of the zone, such as `example.com`.
        """
        super().__init__(scope, id_)
        self.id = DataAwsRoute53Zone(self, "zone", name=name, private_zone=False).zone_id


class Certificate(Construct):
    """A region's certificate for its own name and for the name that all regions share.

    ACM asks every region of an account for the same record to prove a name, so the regions write the shared one over
    each other; see `docs/decisions/0004-certificates.md`.
    """

    def __init__(self, scope: Construct, id_: str, *, zone: Zone, name: str, shared_name: str) -> None:
        """Request the certificate and prove both names.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            zone: Zone that holds both names.
            name: The region's own name.
            shared_name: The name that failover moves.
        """
        super().__init__(scope, id_)
        self.name = name
        self.shared_name = shared_name
        certificate = AcmCertificate(
            self,
            "certificate",
            domain_name=name,
            subject_alternative_names=[shared_name],
            validation_method="DNS",
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )
        records = [
            _proof(self, f"proof-{label}", zone, certificate, domain)
            for label, domain in (("own", name), ("shared", shared_name))
        ]
        self._validation = AcmCertificateValidation(
            self,
            "validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn for record in records],
        )

    @property
    def arn(self) -> str:
        """ARN of the certificate, known once it is valid."""
        return self._validation.certificate_arn


class DistributionCertificate(Construct):
    """A distribution's certificate. CloudFront takes one from us-east-1 and from nowhere else.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
    """

    def __init__(
        self, scope: Construct, id_: str, *, zone: Zone, names: Sequence[str], provider: TerraformProvider | None
    ) -> None:
        """Request the certificate and prove every name.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            zone: Zone that holds the names.
            names: The distribution's own name, then its aliases.
            provider: Provider of us-east-1. None: the stack is at home there.
        """
        super().__init__(scope, id_)
        own, *aliases = names
        certificate = AcmCertificate(
            self,
            "certificate",
            domain_name=own,
            subject_alternative_names=aliases or None,
            validation_method="DNS",
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            provider=provider,
        )
        labels = {own: "own"} | {alias: alias for alias in aliases}
        records = [_proof(self, f"proof-{label}", zone, certificate, name) for name, label in labels.items()]
        self.arn = AcmCertificateValidation(
            self,
            "validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn for record in records],
            provider=provider,
        ).certificate_arn


def _proof(scope: Construct, id_: str, zone: Zone, certificate: AcmCertificate, domain: str) -> Route53Record:
    """Publish the record that ACM asks for. The options come as a set, hence the look-up by domain."""
    option = f'{{for o in {certificate.fqn}.domain_validation_options : o.domain_name => o}}["{domain}"]'
    return Route53Record(
        scope,
        id_,
        zone_id=zone.id,
        name=f"${{{option}.resource_record_name}}",
        type=f"${{{option}.resource_record_type}}",
        records=[f"${{{option}.resource_record_value}}"],
        ttl=VALIDATION_TTL,
        allow_overwrite=True,
    )
