"""What a task is: one container that runs as nobody special, on a file system that it cannot change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition,
    EcsTaskDefinitionRuntimePlatform,
    EcsTaskDefinitionVolume,
    EcsTaskDefinitionVolumeEfsVolumeConfiguration,
    EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig,
)
from constructs import Construct

from constructs_lib.file_system import FileSystem
from constructs_lib.role import Role
from constructs_lib.site import Site
from deployments.containers import Container as ContainerSpec

CONTAINER = "application"
SCRATCH = {
    "containerPath": "/tmp",  # noqa: S108 inside the container, empty in every new task
    "size": 64,
    "mountOptions": ["rw", "nosuid", "nodev", "noexec"],
}
"""What a task may write beside its files: memory, in MB. A volume would be root's alone, and tasks are not root:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
Fargate has had such mounts since January 2026:
https://aws.amazon.com/about-aws/whats-new/2026/01/amazon-ecs-tmpfs-mounts-aws-fargate-managed-instances/"""
FILES = "files"
ARCHITECTURES = {"arm64": "ARM64", "x86_64": "X86_64"}


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the application is given when it starts.

    Attributes:
        image: Full reference of the image.
        environment: Variables; nothing secret.
        secrets: Where ECS reads a secret variable: the secret's ARN, and the key in it.
        files: File system that is mounted. None: none.
    """

    image: str
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    files: FileSystem | None


class Task(Construct):
    """The task definition and its two roles: what ECS does to start it, and what the application may do."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        spec: ContainerSpec,
        contents: Contents,
        roles: tuple[Role, Role],
        log_group: CloudwatchLogGroup,
    ) -> None:
        """Create the task definition.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where tasks run.
            spec: The container's part of the description.
            contents: What the application is given.
            roles: ECS's own role to start a task, and the application's.
            log_group: Where the application's output goes.
        """
        super().__init__(scope, id_)
        execution, application = roles
        self.resource = EcsTaskDefinition(
            self,
            "definition",
            family=site.names.of("task definition"),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(spec.cpu),
            memory=str(spec.memory_mb),
            runtime_platform=EcsTaskDefinitionRuntimePlatform(
                cpu_architecture=ARCHITECTURES[spec.architecture], operating_system_family="LINUX"
            ),
            execution_role_arn=execution.arn,
            task_role_arn=application.arn,
            container_definitions=json.dumps([_container(site, spec, contents, log_group.name)]),
            volume=_volumes(contents.files),
        )


def _container(site: Site, spec: ContainerSpec, contents: Contents, log_group: str) -> dict[str, Any]:
    """Write the container the way ECS does, so that a plan shows a difference only where there is one.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    """
    mounts = (
        [{"sourceVolume": FILES, "containerPath": spec.mount_path, "readOnly": False}]
        if contents.files and spec.mount_path
        else []
    )
    return {
        "name": CONTAINER,
        "image": contents.image,
        "essential": True,
        "portMappings": [{"containerPort": spec.port, "hostPort": spec.port, "protocol": "tcp"}],
        "user": spec.user,
        "privileged": False,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True, "tmpfs": [SCRATCH]},
        "mountPoints": mounts,
        "environment": [{"name": name, "value": value} for name, value in sorted(contents.environment.items())],
        "secrets": [{"name": name, "valueFrom": source} for name, source in sorted(contents.secrets.items())],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": site.region,
                "awslogs-stream-prefix": CONTAINER,
                # The application goes on when its logs do not: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }


def _volumes(files: FileSystem | None) -> list[EcsTaskDefinitionVolume]:
    """Mount the shared files through the access point, over TLS, as who the task is."""
    if files is None:
        return []
    return [
        EcsTaskDefinitionVolume(
            name=FILES,
            efs_volume_configuration=EcsTaskDefinitionVolumeEfsVolumeConfiguration(
                file_system_id=files.id,
                transit_encryption="ENABLED",
                authorization_config=EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig(
                    access_point_id=files.access_point.id, iam="ENABLED"
                ),
            ),
        )
    ]
