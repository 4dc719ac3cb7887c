"""Rules about containers, file systems, registries and rotation: what AWS or the other tables rule out, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deployments.containers import Container, memory_of
from deployments.model import Deployment
from deployments.problems import Problem

SECRET_WORDS = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE_KEY|API_KEY")
"""Words in the name of a variable that say that its value is none for a file."""
REFRESH_SECONDS = 86400
"""Tasks are replaced once a day, and read their credentials when they start."""


def check_containers(deployment: Deployment) -> list[Problem]:
    """Return every broken rule (keys only; the caller knows the file)."""
    return [
        *_container(deployment),
        *_routes(deployment),
        *_file_system(deployment),
        *_rotation(deployment),
        *_firewall(deployment),
    ]


def _problem(key: str, what: str, found: object, allowed: str) -> Problem:
    return Problem(where="", key=key, what=what, found=str(found), allowed=allowed)


def _container(deployment: Deployment) -> Iterator[Problem]:
    container = deployment.container
    if container is None:
        return
    if deployment.service is not None:
        yield _problem(
            "container",
            "there is one application: a function or containers",
            "[service] and [container]",
            "[service] or [container]",
        )
    yield from _image(deployment, container)
    yield from _size(container)
    if container.min_tasks > container.max_tasks:
        found = container.min_tasks
        yield _problem("container.min_tasks", "is above container.max_tasks", found, f"at most {container.max_tasks}")
    if container.standby_tasks is not None and container.standby_tasks > container.max_tasks:
        found = container.standby_tasks
        yield _problem(
            "container.standby_tasks", "is above container.max_tasks", found, f"at most {container.max_tasks}"
        )
    if container.mount_path and deployment.file_system is None:
        yield _problem(
            "container.mount_path", "there is nothing to mount", container.mount_path, "a [file_system] table"
        )
    for name in container.environment:
        if SECRET_WORDS.search(name):
            yield _problem(
                f"container.environment.{name}",
                "looks like a secret, and everybody who reads this file or the task definition would know it",
                name,
                "a secret of Secrets Manager that the application reads",
            )


def _image(deployment: Deployment, container: Container) -> Iterator[Problem]:
    if deployment.protected and container.digest is None:
        yield _problem(
            "container.image",
            "a tag can be moved to another image, and a protected environment runs what was reviewed",
            container.image,
            "the image's digest, sha256:<64 hexadecimal digits>",
        )
    if container.repository is None and deployment.registry is None:
        yield _problem(
            "container.repository", "says nothing about where the image is", "none", "a repository, or [registry]"
        )


def _size(container: Container) -> Iterator[Problem]:
    """Keep to the sizes that Fargate has.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
    """
    offered = memory_of(container.cpu)
    if container.memory_mb not in offered:
        step = f" in steps of {offered[1] - offered[0]}" if len(offered) > 3 else ""
        sizes = f"{offered[0]} to {offered[-1]}{step}" if step else ", ".join(map(str, offered))
        yield _problem(
            "container.memory_mb",
            f"Fargate has no such task with {container.cpu} CPU units",
            container.memory_mb,
            sizes,
        )


def _routes(deployment: Deployment) -> Iterator[Problem]:
    """Private code needs a way to the AWS services that it calls: an endpoint for each, or a NAT gateway."""
    network = deployment.network
    if network.nat != "none":
        return
    way = 'network.endpoints = true, or network.nat = "per-zone"'
    if not network.endpoints:
        callers = {"service": deployment.service, "container": deployment.container}
        for key, needed in callers.items():
            if needed:
                yield _problem(key, "has no route to the AWS services that it calls", "no endpoints and no NAT", way)
        if deployment.rotation:
            yield _problem("rotation", "has no route from the VPC to Secrets Manager", "no endpoints and no NAT", way)
    repository = deployment.container.repository if deployment.container else None
    if repository and ".dkr.ecr." not in repository:
        yield _problem(
            "container.repository",
            "cannot be reached from private subnets: endpoints lead to ECR's private repositories alone",
            repository,
            'network.nat = "per-zone", or the system\'s own [registry]',
        )


def _file_system(deployment: Deployment) -> Iterator[Problem]:
    spec = deployment.file_system
    if spec is None:
        return
    names = [region.name for region in deployment.regions]
    standbys = names[1:]
    if spec.replicate_to == names[0]:
        yield _problem(
            "file_system.replicate_to",
            "is the region that the file system is in: nothing of it would survive that region",
            spec.replicate_to,
            ", ".join(standbys) or "a second region",
        )
    elif spec.replicate_to is not None and spec.replicate_to not in standbys:
        yield _problem(
            "file_system.replicate_to", "is no standby of this system", spec.replicate_to, ", ".join(standbys)
        )
    if len(standbys) > 1 and deployment.strategy != "backup-restore":
        # https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html: one destination for each file system
        yield _problem("file_system", "EFS replicates to one region", f"{len(standbys)} standbys", "one standby")
    if deployment.strategy == "active-active":
        yield _problem(
            "file_system",
            "a replica cannot be written, and active-active writes everywhere",
            "active-active",
            "buckets",
        )


def _rotation(deployment: Deployment) -> Iterator[Problem]:
    rotation = deployment.rotation
    if rotation is None:
        return
    if deployment.database is None:
        yield _problem("rotation", "there are no credentials to rotate", "no [database]", "a [database] table")
    period = rotation.days * 86400
    if rotation.grace_seconds >= period:
        yield _problem(
            "rotation.grace_seconds",
            "the former password would outlive the next rotation, which reuses its user",
            rotation.grace_seconds,
            f"less than {period}",
        )
    if deployment.protected and deployment.container and rotation.grace_seconds < REFRESH_SECONDS:
        yield _problem(
            "rotation.grace_seconds",
            "tasks are replaced once a day, and would be locked out before",
            rotation.grace_seconds,
            f"at least {REFRESH_SECONDS}",
        )


def _firewall(deployment: Deployment) -> Iterator[Problem]:
    firewall = deployment.firewall
    if firewall is None:
        return
    for group in firewall.overrides:
        if group not in firewall.groups:
            yield _problem(
                f"firewall.overrides.{group}", "is not among firewall.groups", group, ", ".join(firewall.groups)
            )
    for group in {each for each in firewall.groups if firewall.groups.count(each) > 1}:
        yield _problem("firewall.groups", "is listed twice", group, "each group once")
