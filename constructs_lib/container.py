"""The application as containers: a cluster, a Fargate service behind the load balancer, and its scaling."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster, EcsClusterSetting
from cdktf_cdktf_provider_aws.ecs_cluster_capacity_providers import EcsClusterCapacityProviders
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceDeploymentController,
    EcsServiceLoadBalancer,
    EcsServiceNetworkConfiguration,
)
from cdktf_cdktf_provider_aws.lb_listener import LbListener
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from constructs import Construct

from constructs_lib.alarms import watch
from constructs_lib.container_alarms import container_alarms
from constructs_lib.container_events import DailyRefresh, FailedDeployments
from constructs_lib.foundation import Foundation
from constructs_lib.load_balancer import LoadBalancer
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.security_group import SecurityGroup
from constructs_lib.task import CONTAINER, Contents, Task
from deployments.containers import Container as ContainerSpec

TASKS = "ecs-tasks.amazonaws.com"
ON_DEMAND = "FARGATE"
SCALE_OUT_SECONDS, SCALE_IN_SECONDS = 60, 300


class Container(Construct):
    """What runs the application. Its tasks are on-demand, private, and replaced before the old ones go."""

    def __init__(self, scope: Construct, id_: str, *, base: Foundation, spec: ContainerSpec) -> None:
        """Create the cluster, the roles and the logs; nothing runs before `run`.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The container's part of the description.
        """
        super().__init__(scope, id_)
        self._base, self._spec = base, spec
        site = base.site
        self.cluster_name, self.service_name = site.names.of("cluster"), site.names.of("service")
        self.security_group = SecurityGroup(
            self, "security-group", site=site, network=base.network, purpose="application"
        )
        base.connect(self.security_group)
        self.log_group = CloudwatchLogGroup(
            self,
            "log-group",
            name=f"/ecs/{site.names.prefix}",
            retention_in_days=site.log_days,
            kms_key_id=base.key.arn,
        )
        self.execution_role = Role(self, "execution-role", site=site, purpose="start-tasks", service=TASKS)
        self.execution_role.allow(
            "write-logs",
            Statement(
                sid="Write",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(f"{self.log_group.arn}:*",),
            ),
        )
        base.key.grant_use(self.execution_role)
        self.role = Role(self, "role", site=site, purpose="application", service=TASKS)
        base.key.grant_use(self.role)
        self.cluster = self._cluster()

    def run(self, contents: Contents, *, tasks: int, load_balancer: LoadBalancer) -> None:
        """Run the application behind a load balancer.

        Args:
            contents: What the application is given.
            tasks: Fewest tasks; scaling adds more, and a failover raises the number.
            load_balancer: Where tasks register.
        """
        target_group = load_balancer.serve_tasks(self.security_group, self._spec)
        task = Task(
            self,
            "task",
            site=self._base.site,
            spec=self._spec,
            contents=contents,
            roles=(self.execution_role, self.role),
            log_group=self.log_group,
        )
        self.task_definition = task.resource
        self.service = self._service(task, tasks, target_group, load_balancer.https)
        self.scaling = self._scale(tasks)
        FailedDeployments(self, "failed-deployments", base=self._base, service=self.service.id)
        DailyRefresh(self, "daily-refresh", site=self._base.site, cluster=self.cluster_name, service=self.service_name)
        targets = {"TargetGroup": target_group.arn_suffix, **load_balancer.metrics.dimensions}
        watch(
            self,
            self._base.pager,
            container_alarms(self.cluster_name, self.service_name, targets, tasks=tasks),
        )

    def _cluster(self) -> EcsCluster:
        cluster = EcsCluster(
            self,
            "cluster",
            name=self.cluster_name,
            setting=[EcsClusterSetting(name="containerInsights", value="enhanced")],
        )
        # Spot capacity is missing exactly when everybody fails over at once.
        EcsClusterCapacityProviders(self, "capacity", cluster_name=cluster.name, capacity_providers=[ON_DEMAND])
        return cluster

    def _service(self, task: Task, tasks: int, target_group: LbTargetGroup, listener: LbListener) -> EcsService:
        return EcsService(
            self,
            "service",
            name=self.service_name,
            cluster=self.cluster.arn,
            task_definition=task.resource.arn,
            desired_count=tasks,
            launch_type=ON_DEMAND,
            platform_version="LATEST",
            availability_zone_rebalancing="ENABLED",
            enable_ecs_managed_tags=True,
            enable_execute_command=False,
            propagate_tags="SERVICE",
            deployment_controller=EcsServiceDeploymentController(type="ECS"),
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            health_check_grace_period_seconds=self._spec.grace_seconds,
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=self._base.network.private,
                security_groups=[self.security_group.id],
                assign_public_ip=False,
            ),
            load_balancer=[
                EcsServiceLoadBalancer(
                    target_group_arn=target_group.arn, container_name=CONTAINER, container_port=self._spec.port
                )
            ],
            # Scaling and failover move the number; an apply in between must not take capacity away.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["desired_count"]),
            depends_on=[listener, *self.execution_role.grants, *self.role.grants],
        )

    def _scale(self, tasks: int) -> AppautoscalingTarget:
        """Follow the CPU between the fewest tasks and the most."""
        raised = tasks != self._spec.min_tasks
        target = AppautoscalingTarget(
            self,
            "scaling",
            service_namespace="ecs",
            resource_id=f"service/{self.cluster.name}/{self.service.name}",
            scalable_dimension="ecs:service:DesiredCount",
            min_capacity=tasks,
            max_capacity=self._spec.max_tasks,
            # A failover raises it to what the primary has; an apply must not take it back.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["min_capacity"]) if raised else None,
        )
        AppautoscalingPolicy(
            self,
            "scaling-policy",
            name=self._base.site.names.of("service", "cpu"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration=AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                target_value=self._spec.cpu_target,
                scale_out_cooldown=SCALE_OUT_SECONDS,
                scale_in_cooldown=SCALE_IN_SECONDS,
                predefined_metric_specification=AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
                    predefined_metric_type="ECSServiceAverageCPUUtilization"
                ),
            ),
        )
        return target


def image_of(spec: ContainerSpec, repository: str) -> str:
    """Write the full reference of the image: by digest where there is one, else by tag."""
    return f"{repository}@{spec.digest}" if spec.digest else f"{repository}:{spec.image}"
