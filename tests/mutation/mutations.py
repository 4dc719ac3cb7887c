"""The mutations: one small fault each, of the kind that is shipped by accident, and the test file that must see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One fault.

    Attributes:
        name: What is done to the code.
        file: The file it is done in, relative to the project.
        old: The exact text that is replaced; it must be there exactly once.
        new: What it is replaced with.
        why: What would happen in production.
        kept_by: The file in `tests/unit` whose promise must fail.
    """

    name: str
    file: str
    old: str
    new: str
    why: str
    kept_by: str


MUTATIONS = (
    Mutation(
        name="drop the health check's host",
        file="constructs_lib/failover_records.py",
        old="            fqdn=endpoint.hostname,\n",
        new="",
        why="Route 53 refuses the health check, and there is no failover",
        kept_by="test_records.py",
    ),
    Mutation(
        name="ask every region only whether it is well",
        file="constructs_lib/failover_records.py",
        old='return "" if endpoint.region == self._last else FOR_CLIENTS',
        new='return ""',
        why="after a planned failover clients stay with the region that refuses their writes",
        kept_by="test_records.py",
    ),
    Mutation(
        name="let the message that is obeyed last have the last word",
        file="deployments/failover/relay.py",
        old='otherwise="Let older messages end",',
        new='otherwise="Answered",',
        why="a region that was dark hears everything at once, and may stay closed to everybody for ever",
        kept_by="test_failover_machine.py",
    ),
    Mutation(
        name="drop the target's wait for the permission",
        file="constructs_lib/load_balancer.py",
        old="            depends_on=[permission],\n",
        new="",
        why="the target is attached before it may be invoked, and AWS refuses",
        kept_by="test_service.py",
    ),
    Mutation(
        name="suspend versioning",
        file="constructs_lib/bucket.py",
        old='VersioningConfiguration(status="Enabled")',
        new='VersioningConfiguration(status="Suspended")',
        why="S3 refuses replication, and an overwritten object is gone",
        kept_by="test_buckets.py",
    ),
    Mutation(
        name="leave the standby out of the Global Database",
        file="stacks/regional.py",
        old='joined = system.names.of("global cluster") if system.has_global_database else None',
        new="joined = None",
        why="the standby is an empty database of its own",
        kept_by="test_database.py",
    ),
    Mutation(
        name="do not replicate delete markers",
        file="constructs_lib/replication.py",
        old="DeleteMarkerReplication(status=enabled)",
        new='DeleteMarkerReplication(status="Disabled")',
        why="deleted objects come back to life at a failover",
        kept_by="test_buckets.py",
    ),
    Mutation(
        name="do not send changes of replicas back",
        file="constructs_lib/replication.py",
        old="ReplicaModifications(\n                status=enabled\n            ),",
        new='ReplicaModifications(\n                status="Disabled"\n            ),',
        why="what was changed during a failover is missing after the failback",
        kept_by="test_buckets.py",
    ),
    Mutation(
        name="encrypt replicas with the source's key",
        file="constructs_lib/replication.py",
        old="replica_kms_key_id=member.peer.key_arn",
        new="replica_kms_key_id='alias/aws/s3'",
        why="the standby cannot read its copies without the region that failed",
        kept_by="test_buckets.py",
    ),
    Mutation(
        name="accept connections without TLS",
        file="constructs_lib/database.py",
        old='"rds.force_ssl": "1"',
        new='"rds.force_ssl": "0"',
        why="card data and passwords cross the network in the clear",
        kept_by="test_database.py",
    ),
    Mutation(
        name="follow the database's role after a failover",
        file="constructs_lib/database.py",
        old="ignore_changes=list(PROMOTED)",
        new='ignore_changes=["engine_version"]',
        why="the first plan after a switchover detaches a member",
        kept_by="test_database.py",
    ),
    Mutation(
        name="drop the RPO that the writer enforces",
        file="constructs_lib/database.py",
        old='settings["rds.global_db_rpo"] = str(self._lag_allowed)',
        new='settings["rds.global_db_rpo"] = "86400"',
        why="an outage loses a day of orders and nothing stops it",
        kept_by="test_database.py",
    ),
    Mutation(
        name="encrypt the database with AWS's default key",
        file="constructs_lib/database.py",
        old="            storage_encrypted=True,\n            kms_key_id=self._base.key.arn,\n",
        new="            storage_encrypted=True,\n",
        why="nobody but AWS decides who reads it",
        kept_by="test_database.py",
    ),
    Mutation(
        name="replicas without point-in-time recovery",
        file="constructs_lib/table.py",
        old="                    point_in_time_recovery=True,\n",
        new="                    point_in_time_recovery=False,\n",
        why="a mistake replicates within a second, and only one region could undo it",
        kept_by="test_tables.py",
    ),
    Mutation(
        name="alarms that tell nobody",
        file="constructs_lib/alarms.py",
        old="        alarm_actions=[pager.topic_arn],\n",
        new="        alarm_actions=[],\n",
        why="the standby falls behind for weeks unseen",
        kept_by="test_alarms.py",
    ),
    Mutation(
        name="lag alarms with a threshold of their own",
        file="constructs_lib/database_alarms.py",
        old="            threshold=rpo_seconds * MILLISECONDS,\n",
        new="            threshold=3_600_000,\n",
        why="the alarm fires an hour after the promise is broken",
        kept_by="test_alarms.py",
    ),
    Mutation(
        name="do not look at the target's health",
        file="constructs_lib/entry.py",
        old="evaluate_target_health=True",
        new="evaluate_target_health=False",
        why="clients are sent to a load balancer without a healthy target",
        kept_by="test_records.py",
    ),
    Mutation(
        name="speak old TLS",
        file="constructs_lib/load_balancer.py",
        old='TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"',
        new='TLS_POLICY = "ELBSecurityPolicy-2016-08"',
        why="TLS 1.0 is accepted",
        kept_by="test_service.py",
    ),
    Mutation(
        name="never rotate keys",
        file="constructs_lib/keys.py",
        old="            enable_key_rotation=True,\n",
        new="            enable_key_rotation=False,\n",
        why="auditors find it, or an attacker does",
        kept_by="test_keys.py",
    ),
    Mutation(
        name="let a policy make a bucket public",
        file="constructs_lib/bucket.py",
        old="        block_public_policy=True,\n",
        new="        block_public_policy=False,\n",
        why="one wrong statement publishes every object",
        kept_by="test_buckets.py",
    ),
    Mutation(
        name="two writers of one state",
        file="stacks/base.py",
        old='        self.add_override("terraform.backend.s3.use_lockfile", True)\n',
        new="",
        why="two deploys at once corrupt the state",
        kept_by="test_outputs.py",
    ),
    Mutation(
        name="credentials from another region's STS",
        file="stacks/base.py",
        old="            sts_region=region,\n",
        new='            sts_region="us-east-1",\n',
        why="the standby cannot be reached while us-east-1 is dark",
        kept_by="test_outputs.py",
    ),
    Mutation(
        name="the password as a plain argument",
        file="constructs_lib/database.py",
        old="master_password_wo=credentials.password if credentials else None,\n"
        "            master_password_wo_version=credentials.version if credentials else None,\n",
        new="master_password=credentials.password if credentials else None,\n",
        why="the password lies in the state",
        kept_by="test_secrets.py",
    ),
    Mutation(
        name="destroyable production",
        file="constructs_lib/database.py",
        old="deletion_protection=site.protected,\n            skip_final_snapshot",
        new="deletion_protection=False,\n            skip_final_snapshot",
        why="one command deletes the shop",
        kept_by="test_stages.py",
    ),
    Mutation(
        name="no copies of backups",
        file="constructs_lib/backup.py",
        old="copy_action=copies,",
        new="copy_action=[],",
        why="the backups are lost with the region",
        kept_by="test_backup.py",
    ),
    Mutation(
        name="a name without the suffix",
        file="deployments/naming.py",
        old='        return f"{self.system}-{self.suffix}"\n',
        new='        return f"{self.system}-x"\n',
        why="two environments overwrite each other",
        kept_by="test_names.py",
    ),
    Mutation(
        name="an open egress",
        file="constructs_lib/foundation.py",
        old="        if self.has_nat:\n",
        new="        if True:\n",
        why="code that was broken into reaches anywhere",
        kept_by="test_network.py",
    ),
    Mutation(
        name="any action on the objects",
        file="constructs_lib/bucket.py",
        old='actions=("s3:GetObject", "s3:PutObject")',
        new='actions=("s3:*",)',
        why="the application could delete every version",
        kept_by="test_least_privilege.py",
    ),
    Mutation(
        name="a region that knows which it is",
        file="constructs_lib/load_balancer.py",
        old="            client_keep_alive=KEEP_ALIVE_SECONDS,\n",
        new="            client_keep_alive=300 if 'east' in base.site.region else 3600,\n",
        why="the standby behaves differently, and nobody finds out before it must serve",
        kept_by="test_parity.py",
    ),
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
