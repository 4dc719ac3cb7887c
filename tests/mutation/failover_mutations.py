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
)
