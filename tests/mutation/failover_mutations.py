"""Faults of the failover, each with the test that must notice."""

from __future__ import annotations

from tests.mutation.mutation import Mutation

FAILOVER_MUTATIONS = (
    Mutation(
        name="promote without closing the old primary",
        file="deployments/failover/machine.py",
        old='            otherwise="Fence",\n',
        new='            otherwise="Recover",\n',
        why="two regions take writes at once, and nobody can say which orders count",
        kept_by="test_failover_machine.py",
    ),
    Mutation(
        name="open writes before the tiers have recovered",
        file="deployments/failover/fence.py",
        old='may still be under way",\n            then="Recover",\n',
        new='may still be under way",\n            then="Open writes",\n',
        why="clients write while the database cannot",
        kept_by="test_failover_machine.py",
    ),
    Mutation(
        name="call the region that is replaced",
        file="deployments/failover/plan.py",
        old="        cluster_arn=cluster_arn,\n",
        new='        cluster_arn=cluster_arn.replace("us-west-2", "us-east-1"),\n',
        why="the failover asks for the promotion of the cluster that is gone",
        kept_by="test_failover_machine.py",
    ),
    Mutation(
        name="lose data without being asked",
        file="deployments/failover/machine.py",
        old='([(unasked, "Refuse to lose data")] if facts.database else [])',
        new="[]",
        why="a slip of the keyboard loses orders",
        kept_by="test_failover_machine.py",
    ),
    Mutation(
        name="let Terraform take the standby's capacity back",
        file="stacks/regional.py",
        old="            scaled_by_failover=self.plan.capacity.concurrency != spec.concurrency,\n",
        new="",
        why="the next apply throttles the region that took over",
        kept_by="test_failover_machine.py",
    ),
    Mutation(
        name="open writes on fewer tasks than a primary has",
        file="deployments/failover/scale.py",
        old='"NumericGreaterThanEquals": plan.tasks}',
        new='"NumericGreaterThanEquals": 1}',
        why="all clients are sent to a few tasks, which fall over",
        kept_by="test_failover_tiers.py",
    ),
    Mutation(
        name="take files for writable that replication still overwrites",
        file="deployments/failover/files.py",
        old='            then="Wait for the files",\n            otherwise="Is it there still",\n',
        new='            then="The files are written here",\n            otherwise="Is it there still",\n',
        why="tasks write files that the next round of replication undoes",
        kept_by="test_failover_tiers.py",
    ),
    Mutation(
        name="cut a source off that is still there",
        file="deployments/failover/files.py",
        old='({"Variable": "$.mode", "StringEquals": "unplanned"}, "End it on this side")',
        new='({"Variable": "$.mode", "IsPresent": True}, "End it on this side")',
        why="the old primary keeps half a replication that nobody can turn round",
        kept_by="test_failover_tiers.py",
    ),
    Mutation(
        name="let Terraform take the standby's tasks back",
        file="constructs_lib/container.py",
        old="        raised = tasks != self._spec.min_tasks\n",
        new="        raised = False\n",
        why="the next apply lets scaling stop most tasks of the region that took over",
        kept_by="test_failover_tiers.py",
    ),
    Mutation(
        name="let Terraform replicate into the region that takes writes",
        file="constructs_lib/file_system.py",
        old="{elsewhere} && {allowed} ? 1 : 0",
        new="{allowed} ? 1 : 0",
        why="a slip overwrites the files that clients write",
        kept_by="test_failover_tiers.py",
    ),
)
