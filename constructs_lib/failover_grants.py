"""What the failover's roles may do: exact ARNs, no IAM, no records, nothing of another region."""

from __future__ import annotations

from constructs_lib.foundation import Foundation
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site
from deployments.failover.facts import ContainerFacts, DatabaseFacts, Facts, FileSystemFacts


def grant_failover(role: Role, base: Foundation, facts: Facts) -> None:
    """Let the failover do its steps."""
    site = base.site
    _deliver_logs(role)
    parameters = _parameters(site, facts.switch, facts.epoch, *_memory(facts))
    role.allow(
        "move-parameters",
        Statement(sid="Move", actions=("ssm:GetParameter", "ssm:PutParameter"), resources=parameters),
        Statement(
            sid="Lock",
            actions=("ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"),
            resources=_parameters(site, facts.lock),
        ),
    )
    machine = site.names.of("state machine", "failover")
    role.allow(
        "see-executions",
        Statement(
            sid="See", actions=("states:DescribeExecution",), resources=(site.arn("states", f"execution:{machine}:*"),)
        ),
    )
    _send(role, site, facts)
    role.allow("tell-people", Statement(sid="Tell", actions=("sns:Publish",), resources=(facts.topic_arn,)))
    if facts.function:
        role.allow(
            "scale-function",
            Statement(
                sid="Scale",
                actions=("lambda:GetFunctionConcurrency", "lambda:PutFunctionConcurrency"),
                resources=(site.arn("lambda", f"function:{facts.function.name}"),),
            ),
        )
    if facts.container:
        _scale(role, site, facts.container)
    if facts.file_system:
        _end_replication(role, site, facts.file_system)
    if facts.database:
        _promote(role, base, facts.database)


def grant_relay(role: Role, base: Foundation, facts: Facts) -> None:
    """Let the relay do what other regions may ask for."""
    site = base.site
    _deliver_logs(role)
    role.allow(
        "move-parameters",
        Statement(
            sid="Move",
            actions=("ssm:GetParameter", "ssm:PutParameter"),
            resources=_parameters(site, facts.switch, facts.epoch, *_memory(facts)),
        ),
    )
    _send(role, site, facts)
    machine = site.arn("states", f"stateMachine:{site.names.of('state machine', 'failover')}")
    role.allow(
        "pass-answers",
        Statement(sid="Pass", actions=("states:SendTaskFailure", "states:SendTaskSuccess"), resources=(machine,)),
    )
    if facts.database:
        role.allow(
            "hand-over",
            Statement(
                sid="HandOver",
                actions=("rds:SwitchoverGlobalCluster",),
                resources=_members(site, facts.database, site.region, *facts.others),
            ),
            Statement(
                sid="Look",
                actions=("rds:DescribeGlobalClusters",),
                resources=_members(site, facts.database, site.region),
            ),
        )


def _memory(facts: Facts) -> tuple[str, ...]:
    """Return the parameter in which an old primary is remembered, where there is one at a time."""
    return (facts.unaware,) if facts.fences else ()


def _promote(role: Role, base: Foundation, database: DatabaseFacts) -> None:
    site = base.site
    role.allow(
        "promote-database",
        Statement(
            sid="Promote",
            actions=("rds:DescribeGlobalClusters", "rds:FailoverGlobalCluster"),
            resources=_members(site, database, site.region),
        ),
    )
    if database.instance is None:
        return
    instance = site.arn("rds", f"db:{database.first_instance}")
    created_from = (
        site.arn("rds", f"cluster:{database.cluster}"),
        site.arn("rds", f"pg:{database.instance['DbParameterGroupName']}"),
    )
    role.allow(
        "add-instance",
        Statement(
            sid="Create",
            actions=("rds:AddTagsToResource", "rds:CreateDBInstance"),
            resources=(instance, *created_from),
        ),
        Statement(sid="Look", actions=("rds:DescribeDBInstances",), resources=(instance,)),
        Statement(sid="Encrypt", actions=("kms:CreateGrant",), resources=(base.key.arn,)),
    )


def _scale(role: Role, site: Site, container: ContainerFacts) -> None:
    """Raise one scalable target. Application Auto Scaling changes the service in the caller's name, too.

    https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
    """
    service = site.arn("ecs", f"service/{container.cluster}/{container.service}")
    role.allow(
        "scale-containers",
        Statement(
            sid="Scale",
            actions=("application-autoscaling:RegisterScalableTarget",),
            resources=(container.scaling_arn,),
        ),
        Statement(sid="Start", actions=("ecs:DescribeServices", "ecs:UpdateService"), resources=(service,)),
    )


def _end_replication(role: Role, site: Site, file_system: FileSystemFacts) -> None:
    """End the replication to one file system.

    The call names the source, whose id a region does not know of the other; so any file system of the account is
    allowed. All that can be ended is a replication, which makes its replica writable and deletes no file.
    """
    own = site.arn("elasticfilesystem", f"file-system/{file_system.id}")
    any_source = f"arn:{site.partition}:elasticfilesystem:*:{site.account}:file-system/*"
    role.allow(
        "end-replication",
        Statement(
            sid="Look",
            actions=("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeReplicationConfigurations"),
            resources=(own,),
        ),
        Statement(sid="End", actions=("elasticfilesystem:DeleteReplicationConfiguration",), resources=(any_source,)),
    )


def _members(site: Site, database: DatabaseFacts, *regions: str) -> tuple[str, ...]:
    """Name the Global Database and the members that a promotion concerns."""
    return (
        site.global_arn("rds", f"global-cluster:{database.global_cluster}"),
        *(f"arn:{site.partition}:rds:{region}:{site.account}:cluster:{database.cluster}" for region in regions),
    )


def _parameters(site: Site, *names: str) -> tuple[str, ...]:
    return tuple(site.arn("ssm", f"parameter{name}") for name in names)


def _send(role: Role, site: Site, facts: Facts) -> None:
    role.allow(
        "send-messages",
        Statement(sid="Send", actions=("events:PutEvents",), resources=(site.arn("events", f"event-bus/{facts.bus}"),)),
    )


def _deliver_logs(role: Role) -> None:
    """Let Step Functions deliver logs. Log deliveries have no ARN.

    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """
    role.allow(
        "deliver-logs",
        Statement(
            sid="Deliver",
            actions=(
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ),
            resources=("*",),
        ),
    )
