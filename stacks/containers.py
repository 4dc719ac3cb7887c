"""What a region of a system of containers has: images, files, the service, and credentials that change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_lib.secret import credentials_name, grant_read_credentials
from constructs_lib.table import grant_use_table
from stacks import recovery

if TYPE_CHECKING:
    from constructs_lib.container import Container
    from constructs_lib.file_system import FileSystem
    from constructs_lib.load_balancer import LoadBalancer
    from constructs_lib.registry import Registry
    from constructs_lib.rotation import RotationFunction
    from deployments.capacity import Capacity
    from deployments.containers import Container as ContainerSpec
    from deployments.model import Deployment
    from stacks.regional import RegionalStack

NO_OWNER = "1000:1000"
"""Who owns the files where no container says it."""


def private_services(spec: Deployment, capacity: Capacity) -> list[str]:
    """List what the application calls besides S3 and DynamoDB, each through an endpoint of its own."""
    if not spec.network.endpoints:
        return []
    needed: dict[str, object] = {
        "ssm": spec.service or spec.container,
        "secretsmanager": spec.database or spec.instance,
    }
    needed |= dict.fromkeys(("ecr.api", "ecr.dkr", "logs"), spec.container)
    return [service for service, caller in needed.items() if caller and capacity.service]


def registry(stack: RegionalStack) -> Registry | None:
    """Make the repository: where images may be needed, they must have arrived before."""
    spec = stack.system.spec.registry
    if spec is None:
        return None
    from constructs_lib.registry import Registry  # noqa: PLC0415 its bindings take time to load, and most need none

    return Registry(stack, "registry", site=stack.base.site, spec=spec, key=stack.key)


def file_system(stack: RegionalStack) -> FileSystem | None:
    """Make the file system; a standby's is what the primary's is copied to."""
    system = stack.system
    spec = system.spec.file_system
    if spec is None or not stack.plan.capacity.replicas:
        return None
    from constructs_lib.file_system import FileSystem  # noqa: PLC0415 as above

    return FileSystem(
        stack,
        "file-system",
        base=stack.base,
        spec=spec,
        owner=system.spec.container.user if system.spec.container else NO_OWNER,
        is_replica=not stack.plan.is_primary,
        backed_up=system.spec.backup is not None,
    )


def parameters(stack: RegionalStack) -> dict[str, str]:
    """Tell the application where its files are, and a failover what to raise the service to."""
    values: dict[str, str] = {}
    container = stack.system.spec.container
    if container and stack.plan.capacity.service:
        names = stack.base.site.names
        values |= {
            "container/cluster": names.of("cluster"),
            "container/service": names.of("service"),
            "container/full-tasks": str(container.min_tasks),
        }
    if stack.file_system:
        values["file-system/id"] = stack.file_system.id
    return values


def rotation(stack: RegionalStack) -> RotationFunction | None:
    """Make the rotation function where there is a database; the primary's master secret is rotated from here."""
    spec, database_spec = stack.system.spec.rotation, stack.system.spec.database
    if spec is None or database_spec is None or stack.database is None:
        return None
    from constructs_lib.rotation import RotationFunction, RotationSchedule  # noqa: PLC0415 as above

    function = RotationFunction(
        stack,
        "rotation",
        base=stack.base,
        spec=spec,
        database=stack.database,
        database_spec=database_spec,
        parameters=stack.parameters,
    )
    if stack.credentials:
        RotationSchedule(
            stack,
            "rotation-master",
            secret=stack.credentials.arn,
            function=function.arn,
            days=spec.days,
            after=[function.permission, stack.credentials.stored, *stack.database.instances],
        )
    stack.put_out({"rotation_function_name": function.function.resource.function_name})
    return function


def run(stack: RegionalStack, spec: ContainerSpec) -> LoadBalancer:
    """Run the application behind a load balancer, and let it reach its own stores and nothing else."""
    from constructs_lib.container import Container, image_of  # noqa: PLC0415 as above
    from constructs_lib.load_balancer import LoadBalancer  # noqa: PLC0415 as above
    from constructs_lib.task import Contents  # noqa: PLC0415 as above

    container = Container(stack, "container", base=stack.base, spec=spec)
    _connect(stack, container)
    zone, certificate, own_name = stack.certificate()
    load_balancer = LoadBalancer(stack, "load-balancer", base=stack.base, certificate=certificate)
    repository = spec.repository or (stack.registry.url if stack.registry else "")
    contents = Contents(
        image=image_of(spec, repository),
        environment=_environment(stack, spec),
        secrets=_secrets(stack),
        files=stack.file_system if spec.mount_path else None,
    )
    container.run(contents, tasks=stack.plan.capacity.tasks, load_balancer=load_balancer)
    stack.scaling_arn = container.scaling.arn
    load_balancer.answer_to(zone, own_name)
    stack.put_out(_facts(stack, spec, container, load_balancer))
    return load_balancer


def _connect(stack: RegionalStack, container: Container) -> None:
    """Open each store to the tasks, on its port alone, and grant what IAM has a say in."""
    role, site = container.role, stack.base.site
    stack.parameters.grant_read(role)
    if stack.registry:
        stack.registry.grant_pull(container.execution_role)
    if stack.database:
        stack.database.allow_from(container.security_group)
        grant_read_credentials(container.execution_role, site)
    if stack.cache:
        stack.cache.allow_from(container.security_group)
        stack.cache.grant_connect(role)
    if stack.file_system and stack.system.spec.container and stack.system.spec.container.mount_path:
        stack.file_system.allow_from(container.security_group)
        stack.file_system.grant_mount(role)
    for purpose in stack.system.spec.tables:
        grant_use_table(role, site, purpose)
    for bucket in stack.buckets.values():
        bucket.grant_read_write(role)


def _environment(stack: RegionalStack, spec: ContainerSpec) -> dict[str, str]:
    """Say which copy of which system this is; everything else is below its parameters."""
    own = {
        "DEPLOYMENT": stack.system.spec.name,
        "ENVIRONMENT_SUFFIX": stack.system.suffix,
        "PARAMETER_PREFIX": stack.system.names.path(),
        "ACTIVE_REGION_PARAMETER": stack.active_region,
        "PORT": str(spec.port),
    }
    if stack.system.spec.database:
        own["DATABASE_NAME"] = stack.system.spec.database.name
    return {**spec.environment, **own, **recovery.environment(stack)}


def _secrets(stack: RegionalStack) -> dict[str, str]:
    """Let ECS read the credentials from the region's own copy when a task starts.

    The ARN has no random end here, since the global stack makes the secret; Secrets Manager finds it all the same:
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
    """
    if stack.database is None:
        return {}
    arn = stack.base.site.arn("secretsmanager", f"secret:{credentials_name(stack.base.site)}")
    return {"DATABASE_USERNAME": f"{arn}:username::", "DATABASE_PASSWORD": f"{arn}:password::"}


def _facts(
    stack: RegionalStack, spec: ContainerSpec, container: Container, load_balancer: LoadBalancer
) -> dict[str, Any]:
    """Return the outputs from which tests and the command find the service."""
    return {
        "container_cluster_name": container.cluster_name,
        "container_service_name": container.service_name,
        "container_task_definition_arn": container.task_definition.arn_without_revision,
        "container_security_group_id": container.security_group.id,
        "container_log_group_name": container.log_group.name,
        "container_tasks": stack.plan.capacity.tasks,
        "container_full_tasks": spec.min_tasks,
        "load_balancer_arn": load_balancer.resource.arn,
        "load_balancer_dns_name": load_balancer.resource.dns_name,
        "target_group_arn": load_balancer.target_group.arn,
    }


def facts(stack: RegionalStack) -> dict[str, Any]:
    """Return the outputs of the way in, and of what is there without one, too."""
    found: dict[str, Any] = {}
    if stack.entry:
        found |= {
            "entry_dns_name": stack.entry.target.name,
            "regional_hostname": stack.system.regional_hostname(stack.plan.name),
        }
    if stack.registry:
        found |= {
            "registry_repository_name": stack.registry.resource.name,
            "registry_repository_url": stack.registry.url,
        }
    if stack.file_system:
        found |= {
            "file_system_id": stack.file_system.id,
            "file_system_access_point_id": stack.file_system.access_point.id,
            "file_system_security_group_id": stack.file_system.security_group.id,
        }
    return found
