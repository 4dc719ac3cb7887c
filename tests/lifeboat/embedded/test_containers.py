"""What stands in for containers behind a load balancer: when it answers, and with what it is started."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends

from lifeboat.local.embedded import containers
from lifeboat.local.embedded.containers import NotStartedError
from tests.lifeboat.embedded.aurora import USER, cluster, new_cluster, new_instance
from tests.lifeboat.embedded.aws import Aws, Client
from tests.lifeboat.embedded.databases import connected
from tests.lifeboat.embedded.test_front import ask

HOME, AWAY = "us-west-1", "us-west-2"
ACCOUNT = str(DEFAULT_ACCOUNT_ID)
DIGEST = f"registry.example/cart@sha256:{'0' * 64}"
ORDER = json.dumps({"customer": "ada", "lines": [{"sku": "tea"}]})


def contents(region: str, prefix: str) -> dict[str, object]:
    """Return a container definition as the product writes it."""
    secret = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{prefix}/database/credentials"
    own = {
        "ACTIVE_REGION_PARAMETER": f"{prefix}/active-region",
        "DATABASE_NAME": "shop",
        "DEPLOYMENT": "globecart",
        "ENVIRONMENT_SUFFIX": "dev",
        "PARAMETER_PREFIX": prefix,
        "PORT": "8443",
    }
    return {
        "name": "application",
        "image": DIGEST,
        "memory": 64,
        "environment": [{"name": name, "value": value} for name, value in own.items()],
        "secrets": [
            {"name": "DATABASE_USERNAME", "valueFrom": f"{secret}:username::"},
            {"name": "DATABASE_PASSWORD", "valueFrom": f"{secret}:password::"},
        ],
    }


def serve(ecs: Client, name: str, definition: dict[str, object], group: str) -> None:
    """Run a service of one task."""
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(family=name, containerDefinitions=[definition])
    entry = {"targetGroupArn": group, "containerName": "application", "containerPort": 8443}
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=name, desiredCount=1, loadBalancers=[entry])


def put_secret(aws: Aws, prefix: str) -> None:
    text = json.dumps({"username": USER["MasterUsername"], "password": USER["MasterUserPassword"]})
    aws("secretsmanager", HOME).create_secret(Name=f"{prefix}/database/credentials", SecretString=text)


@dataclass(frozen=True)
class Cart:
    """A service behind a load balancer, with a database."""

    aws: Aws
    name: str
    host: str
    database: str

    def asked(self, method: str, path: str, body: str = "") -> tuple[int, dict[str, object]]:
        status, _, text = ask(self.aws, self.host, path, method=method, body=body)
        return status, json.loads(text) if text else {}

    def scale(self, tasks: int) -> None:
        self.aws("ecs", HOME).update_service(cluster=self.name, service=self.name, desiredCount=tasks)


def balancer(aws: Aws, name: str) -> tuple[str, str]:
    """Make a load balancer in front of nothing; return its DNS name and its target group."""
    ec2, elb = aws("ec2", HOME), aws("elbv2", HOME)
    network = ec2.create_vpc(CidrBlock="10.71.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=network, CidrBlock=f"10.71.{index}.0/24", AvailabilityZone=HOME + zone)["Subnet"]
        for index, zone in enumerate("ab")
    ]
    made = elb.create_load_balancer(Name=name, Subnets=[each["SubnetId"] for each in subnets])["LoadBalancers"][0]
    group = elb.create_target_group(Name=name, TargetType="ip", Protocol="HTTPS", Port=8443, VpcId=network)
    arn = str(group["TargetGroups"][0]["TargetGroupArn"])
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elb.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Port=443, Protocol="HTTP", DefaultActions=forward)
    return str(made["DNSName"]), arn


@pytest.fixture(scope="module")
def cart(databases_aws: Aws) -> Iterator[Cart]:
    aws, name = databases_aws, databases_aws.name("cart")
    prefix, made = f"/{name}", new_cluster(aws, HOME, DatabaseName="shop", **USER)
    new_instance(aws, made, HOME)
    endpoint = str(cluster(aws, made, HOME)["Endpoint"])
    values = {"active-region": HOME, "database/writer-endpoint": endpoint, "database/reader-endpoint": endpoint}
    for path, value in values.items():
        aws("ssm", HOME).put_parameter(Name=f"{prefix}/{path}", Value=value, Type="String")
    put_secret(aws, prefix)
    host, group = balancer(aws, name)
    serve(aws("ecs", HOME), name, contents(HOME, prefix), group)
    aws.admin("PUT", "functions?kept=yes")
    yield Cart(aws, name, host, endpoint)
    aws.admin("PUT", "functions?kept=no")


@pytest.fixture
def light(cart: Cart) -> Iterator[None]:
    yield
    cart.aws.admin("DELETE", f"dark/{HOME}")
    cart.scale(1)


@pytest.mark.usefixtures("light")
class TestAService:
    def test_what_it_acknowledges_is_in_the_database(self, cart: Cart) -> None:
        body, headers = ORDER, {"Idempotency-Key": "request-1"}
        status, placed = placed_with(cart, body, headers)
        assert (status, placed["placed_in"]) == (201, HOME)
        with connected(cart.aws, cart.database) as connection:
            assert connection.run("SELECT id FROM orders") == [[placed["id"]]]
        assert cart.asked("GET", f"/orders/{placed['id']}") == (200, placed)

    def test_it_tells_its_health(self, cart: Cart) -> None:
        status, health = cart.asked("GET", "/health?for=clients")
        assert (status, health["status"], health["stores"]) == (200, "ok", {"active-region": "ok", "database": "ok"})

    def test_without_tasks_nobody_serves(self, cart: Cart) -> None:
        cart.scale(0)
        assert cart.asked("GET", "/health") == (503, {})

    def test_tasks_that_are_dark_do_not_answer_the_load_balancer(self, cart: Cart) -> None:
        cart.aws.admin("PUT", f"dark/{HOME}?service=ecs")
        assert ask(cart.aws, cart.host, "/health")[0] == 504

    def test_a_region_that_is_dark_answers_nobody(self, cart: Cart) -> None:
        cart.aws.admin("PUT", f"dark/{HOME}")
        status, headers, _ = ask(cart.aws, cart.host, "/health")
        assert (status, "X-Lifeboat-Unreachable" in headers) == (504, True)

    def test_a_database_that_is_dark_makes_it_ill(self, cart: Cart) -> None:
        cart.aws.admin("PUT", f"dark/{HOME}?service=rds")
        status, health = cart.asked("GET", "/health")
        assert (status, health["stores"]) == (503, {"active-region": "ok", "database": "no answer"})


def placed_with(cart: Cart, body: str, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
    status, _, text = ask(cart.aws, cart.host, "/orders", method="POST", body=body, headers=headers)
    return status, json.loads(text)


def test_a_target_group_without_service_and_targets_serves_nothing(embedded_aws: Aws) -> None:
    host, _ = balancer(embedded_aws, embedded_aws.name("empty"))
    assert ask(embedded_aws, host, "/")[0] == 503


def test_a_service_whose_secret_is_not_there_starts_no_task(embedded_aws: Aws) -> None:
    name = embedded_aws.name("bare")
    host, group = balancer(embedded_aws, name)
    serve(embedded_aws("ecs", HOME), name, contents(HOME, f"/{name}"), group)
    assert ask(embedded_aws, host, "/health")[0] == 503


class TestATask:
    GROUP = f"arn:aws:elasticloadbalancing:{HOME}:{ACCOUNT}:targetgroup/cart/1"

    @pytest.fixture(autouse=True)
    def aws(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            boto3.client("secretsmanager", region_name=AWAY).create_secret(
                Name="/globecart-dev/database/credentials",
                SecretString=json.dumps({"username": "master", "password": "one"}),
                AddReplicaRegions=[{"Region": HOME}],
            )
            yield

    def test_it_gets_the_variables_of_its_definition_and_no_others(self) -> None:
        ecs = boto3.client("ecs", region_name=HOME)
        serve(ecs, "cart", contents(HOME, "/globecart-dev"), self.GROUP)
        made = containers.task(ACCOUNT, HOME, self.GROUP)
        assert made.environment == {
            "ACTIVE_REGION_PARAMETER": "/globecart-dev/active-region",
            "DATABASE_NAME": "shop",
            "DATABASE_PASSWORD": "one",
            "DATABASE_USERNAME": "master",
            "DEPLOYMENT": "globecart",
            "ENVIRONMENT_SUFFIX": "dev",
            "PARAMETER_PREFIX": "/globecart-dev",
            "PORT": "8443",
        }
        assert (made.region, made.version) == (HOME, "1")

    def test_another_target_group_has_no_service(self) -> None:
        serve(boto3.client("ecs", region_name=HOME), "cart", contents(HOME, "/globecart-dev"), self.GROUP)
        assert containers.behind(ACCOUNT, HOME, f"{self.GROUP}2") is None
        assert containers.behind(ACCOUNT, AWAY, self.GROUP) is None
        with pytest.raises(NotStartedError, match="no service"):
            containers.task(ACCOUNT, AWAY, self.GROUP)

    @pytest.mark.parametrize("region", [HOME, AWAY])
    def test_a_secret_is_found_by_an_arn_without_its_random_end_also_in_a_replica(self, region: str) -> None:
        arn = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:/globecart-dev/database/credentials"
        assert containers.resolved(ACCOUNT, f"{arn}:username::") == "master"
        assert json.loads(containers.resolved(ACCOUNT, arn)) == {"username": "master", "password": "one"}
        whole = secretsmanager_backends[ACCOUNT][region].secrets["/globecart-dev/database/credentials"].arn
        assert containers.resolved(ACCOUNT, f"{whole}:password:AWSCURRENT:") == "one"

    @pytest.mark.parametrize(
        "source",
        [
            f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:/globecart-dev/database/credentials:colour::",
            f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:/globecart-dev/database/nothing:username::",
            f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter/globecart-dev/active-region",
        ],
    )
    def test_what_cannot_be_resolved_starts_no_task(self, source: str) -> None:
        with pytest.raises(NotStartedError):
            containers.resolved(ACCOUNT, source)
