"""What people do about files after a failover: see to it that they are replicated again, the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deployments.system import System
from lifeboat.drill.terraform import GLOBAL, Terraform
from lifeboat.failover.clients import Clients
from lifeboat.failure import Failure

OVERWRITTEN, MAY_BE = "REPLICATING", "DISABLED"
ONLY_HERE = "LOCAL_CONFIGURATION_ONLY"


@dataclass(frozen=True, kw_only=True)
class Files:
    """The file systems of a system; docs/failover.md, "Files", says step by step what is done here.

    Attributes:
        clients: Clients with the key of the drill: a person's part is none of the recovery's.
        system: What is drilled; it has file systems.
    """

    clients: Clients
    system: System

    def are_replicated_from(self, source: str) -> bool:
        """Tell whether the files of the others follow a region's."""
        return self._protection(self._target(source)) == OVERWRITTEN

    def replicate_from(self, source: str, terraform: Terraform) -> None:
        """Say that the other region's files may be overwritten, and apply the global stack.

        Raises:
            Failure: The apply failed, or they are not replicated after it.
        """
        target = self._target(source)
        efs, name = self._efs(target), self._id(target)
        self._forget_old_half(efs, name)
        efs.update_file_system_protection(FileSystemId=name, ReplicationOverwriteProtection=MAY_BE)
        terraform.begin_apply(GLOBAL)
        if not terraform.finish_apply():
            raise Failure("the global stack, which replicates files again, could not be applied")
        if not self.are_replicated_from(source):
            raise Failure(f"the files of {target} do not follow those of {source} after the global stack was applied")

    def _forget_old_half(self, efs: Any, name: str) -> None:  # noqa: ANN401 boto3 makes its clients at run time
        """Delete what an unplanned failover had to leave in the region that was gone."""
        try:
            left = efs.describe_replication_configurations(FileSystemId=name)["Replications"]
        except efs.exceptions.ReplicationNotFound:
            return
        if any(each["SourceFileSystemId"] == name for each in left):
            efs.delete_replication_configuration(SourceFileSystemId=name, DeletionMode=ONLY_HERE)

    def _target(self, source: str) -> str:
        first = self.system.primary.name
        spec = self.system.spec.file_system
        second = (spec.replicate_to if spec else None) or self.system.standbys[0].name
        return second if source == first else first

    def _protection(self, region: str) -> str:
        found = self._efs(region).describe_file_systems(FileSystemId=self._id(region))["FileSystems"][0]
        return str(found["FileSystemProtection"]["ReplicationOverwriteProtection"])

    def _id(self, region: str) -> str:
        name = self.system.names.path("file-system", "id")
        return str(self.clients("ssm", region).get_parameter(Name=name)["Parameter"]["Value"])

    def _efs(self, region: str) -> Any:  # noqa: ANN401 as above
        return self.clients("efs", region)
