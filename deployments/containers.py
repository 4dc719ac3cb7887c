"""What a file may say about containers: the service that runs them, their files and where their images are kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from deployments.part import Part, Seconds

DIGEST_PATTERN = r"^sha256:[0-9a-f]{64}$"
FARGATE_MEMORY: dict[int, range] = {
    256: range(512, 2048 + 1, 512),  # of these 1536 is not offered, see `memory_of`
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
"""Memory in MB that Fargate offers for each CPU size:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size"""

EnvironmentName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]


def memory_of(cpu: int) -> list[int]:
    """List the memory sizes that Fargate offers for a CPU size, in MB."""
    return [size for size in FARGATE_MEMORY[cpu] if (cpu, size) != (256, 1536)]


class Container(Part):
    """The application as containers: a Fargate service behind the load balancer, in every region.

    It stands in the place of `[service]`, which is a function. The image is built by the application's own CI.
    """

    image: str = Field(
        pattern=r"^(sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$",
        description="Digest of the image (sha256:...), or a tag where the environment is not protected.",
    )
    repository: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$",
        description="Where the image is, such as public.ecr.aws/nginx/nginx. Absent: the system's own [registry].",
    )
    cpu: Literal[256, 512, 1024, 2048, 4096, 8192, 16384] = Field(
        default=512, description="CPU units of a task; 1024 are one core."
    )
    memory_mb: int = Field(default=1024, ge=512, le=122880, description="Memory of a task, in MB.")
    architecture: Literal["arm64", "x86_64"] = Field(default="arm64", description="What the image was built for.")
    port: int = Field(
        default=8443, ge=1024, le=65535, description="Port that the application listens on; not a privileged one."
    )
    protocol: Literal["HTTPS", "HTTP"] = Field(
        default="HTTPS",
        description="What the load balancer speaks to the application. It takes any certificate, also a self-made one.",
    )
    health_path: str = Field(default="/health", pattern=r"^/[A-Za-z0-9/_-]*$")
    user: str = Field(
        default="1000:1000",
        pattern=r"^[1-9][0-9]{0,8}:[1-9][0-9]{0,8}$",
        description="Numeric user and group of the process; never root. Owner of the files on the file system.",
    )
    min_tasks: int = Field(default=2, ge=1, le=1000, description="Fewest tasks where it serves.")
    max_tasks: int = Field(default=10, ge=1, le=5000, description="Most tasks that scaling starts.")
    standby_tasks: int | None = Field(
        default=None, ge=0, le=1000, description="Fewest tasks in a standby. Absent: the strategy decides."
    )
    cpu_target: int = Field(default=60, ge=10, le=90, description="CPU use that scaling holds, in percent.")
    grace_seconds: int = Field(
        default=60, ge=0, le=1800, description="Time that a new task is given before its health counts."
    )
    mount_path: str | None = Field(
        default=None,
        pattern=r"^(/[A-Za-z0-9_.-]+)+$",
        description="Where the file system is in the container. Absent: it is not mounted.",
    )
    environment: dict[EnvironmentName, str] = Field(
        default={}, description="Variables of the application; nothing secret. Absent: the system's own only."
    )

    @property
    def digest(self) -> str | None:
        """The image's digest. None: it is named by a tag, which may point to another image tomorrow."""
        return self.image if self.image.startswith("sha256:") else None


class FileSystem(Part):
    """An EFS file system in every region, the standby's a read-only replica until failover ends the replication."""

    path: str = Field(
        default="/application",
        pattern=r"^(/[A-Za-z0-9_-]+){1,4}$",
        description="Folder that the access point leads to; nothing outside of it can be reached.",
    )
    replicate_to: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$",
        description="Region of the replica. Absent: the first standby.",
    )
    rpo_seconds: Seconds | None = Field(
        default=None,
        description="The file system's own RPO. Absent: the system's. At least 900, what EFS replicates in.",
    )
    cold_after_days: Literal[1, 7, 14, 30, 60, 90, 180, 270, 365] = Field(
        default=30, description="Days after which files that nobody reads move to the cheaper class."
    )


class Registry(Part):
    """An ECR repository in every region: images are pushed to the primary's and replicated to the others."""

    keep_images: int = Field(
        default=30, ge=5, le=1000, description="Newest images that stay, so that there is something to roll back to."
    )
    untagged_days: int = Field(default=14, ge=1, le=365, description="Days after which an untagged image goes.")
