"""What every stack has: providers, state in a region of its own, tags, and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf import S3Backend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_partition import DataAwsPartition
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from constructs_lib.site import Site
from deployments.system import System

TERRAFORM = ">= 1.11"
"""Ephemeral resources and write-only arguments: https://developer.hashicorp.com/terraform/language/resources/ephemeral"""


class SystemStack(TerraformStack):
    """A stack of one system in one environment."""

    def __init__(self, scope: Construct, *, system: System, place: str, home: str) -> None:
        """Create an empty stack.

        Args:
            scope: The app.
            system: What is built.
            place: The region it builds, or `global`.
            home: Region of its state and of the provider that resources use when they name none.
        """
        super().__init__(scope, system.names.stack(place))
        self.system = system
        self.home = home
        self.add_override("terraform.required_version", TERRAFORM)
        S3Backend(
            self,
            bucket=f"{system.spec.state.bucket_prefix}-{home}",
            key=f"{system.names.prefix}/{place}.tfstate",
            region=home,
            encrypt=True,
        )
        self.add_override("terraform.backend.s3.use_lockfile", True)
        self.provider = self.add_provider(home)
        self._account = DataAwsCallerIdentity(self, "account").account_id
        self._partition = DataAwsPartition(self, "partition").partition

    def add_provider(self, region: str) -> AwsProvider:
        """Configure the provider for a region; all but the home region's go by an alias."""
        tags = {
            "Deployment": self.system.spec.name,
            "EnvironmentSuffix": self.system.suffix,
            "ManagedBy": "lifeboat",
        }
        is_home = region == self.home
        return AwsProvider(
            self,
            "aws" if is_home else f"aws-{region}",
            alias=None if is_home else region,
            region=region,
            # Credentials of one region must not come from another region's STS.
            sts_region=region,
            default_tags=[AwsProviderDefaultTags(tags=tags)],
        )

    def site(self, region: str) -> Site:
        """Describe a region to the constructs of this stack."""
        return Site(
            names=self.system.names,
            region=region,
            account=self._account,
            partition=self._partition,
            protected=self.system.spec.protected,
            log_days=self.system.log_days,
        )

    def put_out(self, values: Mapping[str, Any]) -> None:
        """Publish outputs, from which tests and the command find every resource. None is secret."""
        for name, value in values.items():
            TerraformOutput(self, name, value=value, static_id=True)
