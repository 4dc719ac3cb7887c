"""A small system in its regions: what a failover touches, with the very machines that the stacks deploy."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from typing import Any

from deployments.failover.facts import MESSAGE, NOBODY, SOURCE, Facts
from deployments.failover.links import heard, links, pattern
from deployments.failover.machine import machine
from deployments.failover.plan import FIRST_EPOCH, Refs, facts_of
from deployments.failover.relay import relay
from deployments.system import System
from tests.lifeboat.embedded.aws import Aws, Client

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/rehearsal"
PATIENCE_SECONDS = 90


def hurried(definition: dict[str, Any]) -> dict[str, Any]:
    """Let the last writes end within a second: nobody writes here, and every test would wait for ten."""
    settle = definition["States"].get("Let the last writes end")
    if settle:
        settle["Seconds"] = 1
    return definition


@dataclass(frozen=True)
class Rehearsal:
    """A deployed system.

    Attributes:
        aws: The embedded AWS that it lives in.
        system: What it is.
    """

    aws: Aws
    system: System

    @property
    def primary(self) -> str:
        """The region that begins as the primary."""
        return self.system.primary.name

    @property
    def standby(self) -> str:
        """The region that takes over."""
        return self.system.standbys[0].name

    def facts(self, region: str) -> Facts:
        """Return what the machines of a region are told."""
        cluster = f"arn:aws:rds:{region}:{ACCOUNT}:cluster:{self.system.names.of('database cluster')}"
        topic = f"arn:aws:sns:{region}:{ACCOUNT}:{self.system.names.of('topic', 'alarms')}"
        return facts_of(self.system.spec, self.system.names, region, Refs(cluster_arn=cluster, topic_arn=topic))

    def deploy(self) -> None:
        """Make everything."""
        names = self.system.names
        self.aws("rds", self.primary).create_global_cluster(
            GlobalClusterIdentifier=names.of("global cluster"), Engine="aurora-postgresql", EngineVersion="16.8"
        )
        for plan in self.system.regions:
            self._database(plan.name, plan.capacity.database_instances)
            self._parameters(plan.name)
            self.deploy_application(plan.name)
            self.aws("sns", plan.name).create_topic(Name=names.of("topic", "alarms"))
            self.aws("events", plan.name).create_event_bus(Name=self.facts(plan.name).bus)
        for plan in self.system.regions:
            self._machines(plan.name)

    def _database(self, region: str, instances: int) -> None:
        names, rds = self.system.names, self.aws("rds", region)
        user = {"MasterUsername": "lifeboat", "MasterUserPassword": "not-a-secret"} if region == self.primary else {}
        cluster = names.of("database cluster")
        rds.create_db_cluster(
            DBClusterIdentifier=cluster,
            Engine="aurora-postgresql",
            EngineVersion="16.8",
            GlobalClusterIdentifier=names.of("global cluster"),
            **user,
        )
        group = names.of("database parameter group", "instance")
        rds.create_db_parameter_group(
            DBParameterGroupName=group, DBParameterGroupFamily="aurora-postgresql16", Description="rehearsal"
        )
        for index in range(instances):
            rds.create_db_instance(
                DBInstanceIdentifier=names.of("database instance", str(index)),
                DBClusterIdentifier=cluster,
                Engine="aurora-postgresql",
                DBInstanceClass="db.serverless",
            )

    def deploy_application(self, region: str) -> None:
        """Make the function, and who it is."""
        role = f"{self.system.names.of('function', 'orders')}-{region}"
        self.aws("iam").create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        plan = next(each for each in self.system.regions if each.name == region)
        self.make_function(region, plan.capacity.concurrency)

    def make_function(self, region: str, concurrency: int) -> None:
        name = self.facts(region).function
        assert name
        self.make_named_function(region, name.name, concurrency)

    def make_named_function(self, region: str, name: str, concurrency: int) -> None:
        """Make a function with so much concurrency reserved."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("orders.py", "def handle(event, context): return {}")
        lambda_ = self.aws("lambda", region)
        lambda_.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{self.system.names.of('function', 'orders')}-{region}",
            Handler="orders.handle",
            Code={"ZipFile": content.getvalue()},
        )
        lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=concurrency)

    def _parameters(self, region: str) -> None:
        facts, ssm = self.facts(region), self.aws("ssm", region)
        first = self.primary if facts.fences else "all"
        for name, value in ((facts.switch, first), (facts.epoch, FIRST_EPOCH), (facts.unaware, NOBODY)):
            ssm.put_parameter(Name=name, Value=value, Type="String")

    def _machines(self, region: str) -> None:
        facts, states, events = self.facts(region), self.aws("stepfunctions", region), self.aws("events", region)
        arns = {
            purpose: states.create_state_machine(
                name=self.system.names.of("state machine", purpose), definition=json.dumps(definition), roleArn=ROLE
            )["stateMachineArn"]
            for purpose, definition in (("failover", self.definition(facts)), ("failover-relay", relay(facts)))
        }
        rules = {
            to: (pattern(regions), f"arn:aws:events:{to}:{ACCOUNT}:event-bus/{facts.bus}")
            for to, regions in links(facts).items()
        }
        for to, (matching, target) in {**rules, region: (heard(facts), arns["failover-relay"])}.items():
            events.put_rule(Name=f"to-{to}", EventBusName=facts.bus, EventPattern=json.dumps(matching))
            events.put_targets(
                Rule=f"to-{to}", EventBusName=facts.bus, Targets=[{"Id": "one", "Arn": target, "RoleArn": ROLE}]
            )

    def definition(self, facts: Facts) -> dict[str, Any]:
        """Return the failover machine of a region."""
        return hurried(machine(facts))

    def machine_arn(self, region: str) -> str:
        """Name a region's failover machine."""
        return f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{self.system.names.of('state machine', 'failover')}"

    def start(self, region: str, mode: str, **more: object) -> str:
        """Start a failover to a region; return its ARN."""
        order = {"mode": mode, "allow_data_loss": mode == "unplanned", **more}
        arn: str = self.aws("stepfunctions", region).start_execution(
            stateMachineArn=self.machine_arn(region), name=f"run-{time.time_ns()}", input=json.dumps(order)
        )["executionArn"]
        return arn

    def ended(self, arn: str) -> dict[str, Any]:
        """Wait for the end of a failover."""
        states: Client = self.aws("stepfunctions", arn.split(":")[3])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found: dict[str, Any] = states.describe_execution(executionArn=arn)
            if found["status"] != "RUNNING":
                return found
            assert time.monotonic() < deadline, f"{arn} does not end"
            time.sleep(0.1)

    def run(self, region: str, mode: str, **more: object) -> dict[str, Any]:
        """Fail over to a region and wait for the end."""
        return self.ended(self.start(region, mode, **more))

    def entered(self, arn: str) -> list[str]:
        """Return the states of an execution in the order in which they began, those of its branches included."""
        events = self.aws("stepfunctions", arn.split(":")[3]).get_execution_history(executionArn=arn)["events"]
        entered = [event["stateEnteredEventDetails"]["name"] for event in events if event["type"].endswith("Entered")]
        return [str(name) for name in entered]

    def relayed(self, region: str) -> list[tuple[dict[str, Any], str, str]]:
        """Return what a region's relay was started with: each message, how its execution stands, and its ARN."""
        states = self.aws("stepfunctions", region)
        relay_arn = f"{self.machine_arn(region)}-relay"
        arns = [each["executionArn"] for each in states.list_executions(stateMachineArn=relay_arn)["executions"]]
        found = [states.describe_execution(executionArn=arn) for arn in arns]
        return [(json.loads(each["input"])["detail"], each["status"], each["executionArn"]) for each in found]

    def send(self, region: str, detail: dict[str, Any]) -> None:
        """Put a message on a region's bus."""
        entry = {"EventBusName": self.facts(region).bus, "Source": SOURCE, "DetailType": MESSAGE}
        self.aws("events", region).put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])

    def run_once(self, region: str, definition: dict[str, Any], event: dict[str, Any]) -> str:
        """Run a definition of the test's own to its end; return the execution's ARN."""
        states = self.aws("stepfunctions", region)
        arn = states.create_state_machine(
            name=f"once-{time.time_ns()}", definition=json.dumps(definition), roleArn=ROLE
        )["stateMachineArn"]
        execution: str = states.start_execution(stateMachineArn=arn, name="run", input=json.dumps(event))[
            "executionArn"
        ]
        self.ended(execution)
        return execution

    def switch(self, region: str) -> str:
        """Tell which region this one takes for open."""
        value: str = self.aws("ssm", region).get_parameter(Name=self.facts(region).switch)["Parameter"]["Value"]
        return value

    def unaware(self, region: str) -> str:
        """Tell whom a region replaced without an answer."""
        value: str = self.aws("ssm", region).get_parameter(Name=self.facts(region).unaware)["Parameter"]["Value"]
        return value

    def writer(self) -> str:
        """Tell in which region the database writes."""
        whole = self.aws("rds", self.standby).describe_global_clusters(
            GlobalClusterIdentifier=self.system.names.of("global cluster")
        )["GlobalClusters"][0]
        return next(
            str(each["DBClusterArn"]).split(":")[3] for each in whole["GlobalClusterMembers"] if each["IsWriter"]
        )

    def concurrency(self, region: str) -> int:
        """Tell the concurrency reserved for the application."""
        name = self.facts(region).function
        assert name
        found = self.aws("lambda", region).get_function_concurrency(FunctionName=name.name)
        return int(found["ReservedConcurrentExecutions"])

    def lock(self, region: str) -> str | None:
        """Return the holder of a region's lock. None: nobody."""
        ssm = self.aws("ssm", region)
        try:
            value: str = ssm.get_parameter(Name=self.facts(region).lock)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None
        return value
