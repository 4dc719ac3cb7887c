"""Any valid description becomes Terraform that the provider accepts; any other becomes messages. Found by search.

The examples are the same in every run. `LIFEBOAT_EXAMPLES=500 pytest tests/unit/test_generated.py` searches further,
and elsewhere every time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings

from deployments.naming import LIMITS, Kind
from deployments.problems import Problem, ProblemsError
from deployments.stages import TomlTable
from tests.unit.descriptions import junk_tables, load_table, mutated_descriptions, valid_descriptions
from tests.unit.schema import Schema, read_schema
from tests.unit.synthesized import Json, Resource, Stack, Synthesized, synthesize
from tests.unit.test_names import GLOBAL_NAMES, NAME_OF

ASKED_FOR = int(os.environ.get("LIFEBOAT_EXAMPLES", "0"))
SYNTHESIZED = ASKED_FOR or 25
READ = ASKED_FOR or 150
COMMON = settings(
    deadline=None,  # the first synth loads the provider
    derandomize=not ASKED_FOR,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

NAMED: dict[str, tuple[str, Kind]] = NAME_OF | {"aws_api_gateway_rest_api": ("name", "rest api")}
ACCOUNT = "123456789012"
LONGEST_COMMON_NAME = 64  # https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
SINGLE_HYPHENS = r"[a-z](-?[a-z0-9])*"
FORMATS: dict[str, str] = {
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
    "aws_rds_cluster": SINGLE_HYPHENS,
    "aws_rds_cluster_instance": SINGLE_HYPHENS,
    "aws_rds_global_cluster": SINGLE_HYPHENS,
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    "aws_s3_bucket": r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    "aws_lb": r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    "aws_lb_target_group": r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    "aws_ssm_parameter": r"/(?!aws|ssm)[A-Za-z0-9_./-]+",
    # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    "aws_dynamodb_table": r"[A-Za-z0-9_.-]{3,255}",
}
"""What AWS accepts beyond a name's length."""

REFERENCE = re.compile(r"(?<![\w.])(data\.|ephemeral\.)?(aws_\w+)\.([A-Za-z][\w-]*)\.(\w+)")

MINIMAL: TomlTable = {
    "name": "a1",
    "strategy": "backup-restore",
    "objectives": {"rto_seconds": 210, "rpo_seconds": 1},
    "domain": {"zone": "example.com"},
    "state": {"bucket_prefix": "lifeboat-state"},
    "regions": [{"name": "eu-north-1"}],
    "alarms": {"runbook_url": "https://runbooks.example.com/x"},
    "backup": {},
}


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """Give the schema of the provider that the stacks require."""
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not installed")
    folder = tmp_path_factory.mktemp("minimal")
    stack = synthesize(load_table(MINIMAL, "dev", folder), folder / "cdktf.out").primary
    found = read_schema(
        tmp_path_factory.mktemp("schema"), terraform, stack.json["terraform"]["required_providers"]["aws"]
    )
    if isinstance(found, str):
        pytest.skip(f"the provider is not there: {found}")
    return found


@pytest.mark.parametrize(
    ("type_", "arguments", "fault"),
    [
        ("aws_sqs_quue", {}, "unknown type"),
        ("aws_sqs_queue", {"nam": "orders"}, "nam: unknown argument"),
        ("aws_sqs_queue", {"arn": "orders"}, "arn: the provider sets this itself"),
        ("aws_sqs_queue", {"delay_seconds": "soon"}, "delay_seconds: 'soon' is no number"),
        ("aws_sqs_queue", {"fifo_queue": 1}, "fifo_queue: 1 is no bool"),
        ("aws_sqs_queue", {"tags": ["a"]}, "tags: ['a'] is no map"),
        ("aws_eip", {"vpc": True}, "vpc: deprecated"),
        ("aws_sns_topic_policy", {"arn": "${a.b.c}"}, "policy: required and missing"),
        ("aws_lb", {"subnets": "a"}, "subnets: 'a' is no set"),
        ("aws_lb", {"subnets": ["a", "a"]}, "subnets: a set names something twice in ['a', 'a']"),
        ("aws_lb", {"access_logs": [{"bucket": "a"}] * 2}, "access_logs: 2 blocks, at most 1 allowed"),
        ("aws_lb", {"access_logs": {"buckt": "a"}}, "access_logs.0.buckt: unknown argument"),
        ("aws_lb", {"access_logs": "a"}, "access_logs.0: str where a block is meant"),
        ("aws_backup_plan", {"name": "a"}, "rule: 0 blocks, at least 1 needed"),
    ],
)
def test_the_schema_tells_what_the_provider_would(
    schema: Schema, type_: str, arguments: dict[str, Json], fault: str
) -> None:
    assert fault in list(schema.faults("resource", type_, arguments))


def test_the_schema_takes_what_terraform_converts(schema: Schema) -> None:
    arguments = {"delay_seconds": "5", "fifo_queue": "true", "name": 7, "tags": "${local.tags}", "//": {}, "count": 2}
    assert list(schema.faults("resource", "aws_sqs_queue", arguments)) == []


@example((MINIMAL, "dev"))
@given(valid_descriptions())
@settings(COMMON, max_examples=SYNTHESIZED)
def test_any_valid_description_synthesizes_what_the_provider_accepts(
    schema: Schema, drawn: tuple[TomlTable, str]
) -> None:
    table, suffix = drawn
    with tempfile.TemporaryDirectory() as folder:
        built = synthesize(load_table(table, suffix, Path(folder)), Path(folder) / "cdktf.out")
        faults = [f"{stack.place}: {fault}" for stack in built.stacks.values() for fault in stack_faults(schema, stack)]
        assert faults == []
        assert list(address_faults(built)) == []
        assert list(name_faults(built)) == []
        assert list(dashboard_faults(built)) == []


@given(mutated_descriptions())
@settings(COMMON, max_examples=READ)
def test_a_spoilt_description_gives_messages_and_never_another_error(drawn: tuple[TomlTable, str]) -> None:
    assume(told(*drawn))


@given(junk_tables())
@settings(COMMON, max_examples=READ)
def test_any_table_gives_messages_and_never_another_error(table: TomlTable) -> None:
    assert told(table, "dev"), "nothing drawn from junk can be complete"


@pytest.mark.parametrize(
    "text",
    [
        '"²" = 1',
        f"name = {'0x' + 'f' * 5000}",
        f"name = {'9' * 5000}",
        f"name = {'[' * 3000}{']' * 3000}",
        f"name.{'a.' * 3000}a = 1",
        "name = 1979-05-27T07:32:00Z",
        "\ufeffname = 'x'",
        "stages = [[1]]",
        "stages.dev.stages.dev = 1",
        "",
    ],
    ids=lambda text: text[:12] or "empty",
)
def test_a_hostile_file_gives_messages(tmp_path: Path, text: str) -> None:
    from deployments.load import load  # noqa: PLC0415 the one test that writes its own text

    path = tmp_path / "hostile.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load(path, "dev")
    assert all(problem.where == str(path) for problem in caught.value.problems)


@given(mutated_descriptions())
@settings(COMMON, max_examples=SYNTHESIZED)
def test_whatever_is_accepted_can_be_built(drawn: tuple[TomlTable, str]) -> None:
    table, suffix = drawn
    with tempfile.TemporaryDirectory() as folder:
        try:
            system = load_table(table, suffix, Path(folder))
        except ProblemsError:
            return
        assert synthesize(system, Path(folder) / "cdktf.out").world.resources


def told(table: TomlTable, suffix: str) -> tuple[Problem, ...]:
    """Load a table; return what was wrong with it. Each problem says where and what."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            load_table(table, suffix, Path(folder))
        except ProblemsError as error:
            problems = error.problems
        else:
            return ()
    assert problems
    assert all(problem.where and problem.what for problem in problems)
    return problems


def stack_faults(schema: Schema, stack: Stack) -> Iterator[str]:
    """Yield what the provider would refuse in a stack, and references that lead nowhere."""
    for provider in stack.json["provider"]["aws"]:
        yield from (f"provider {fault}" for fault in schema.provider_faults(provider))
    for section in ("resource", "data", "ephemeral"):
        for type_, named in stack.json.get(section, {}).items():
            for name, arguments in named.items() if type_.startswith("aws_") else ():
                yield from (f"{type_}.{name}: {each}" for each in schema.faults(section, type_, arguments))
    text = json.dumps({key: value for key, value in stack.json.items() if key != "terraform"})
    for section, type_, name, attribute in set(REFERENCE.findall(text)):
        place = section.rstrip(".") or "resource"
        if name not in stack.json.get(place, {}).get(type_, {}):
            yield f"{section}{type_}.{name} is referred to and not there"
        elif not schema.has_attribute(place, type_, attribute):
            yield f"{section}{type_}.{name} has no {attribute}"


def address_faults(built: Synthesized) -> Iterator[str]:
    """Yield address ranges that overlap or stick out."""
    plans = built.system.regions
    for one, other in combinations(plans, 2):
        if one.vpc.overlaps(other.vpc):
            yield f"{one.name} {one.vpc} overlaps {other.name} {other.vpc}"
    for plan in plans:
        subnets = sorted((*plan.subnets.public, *plan.subnets.private, *plan.subnets.data))
        if not all(subnet.subnet_of(plan.vpc) for subnet in subnets):
            yield f"{plan.name}: subnets outside of {plan.vpc}"
        yield from (f"{plan.name}: {one} overlaps {two}" for one, two in pairwise(subnets) if one.overlaps(two))
        given_ranges = {str(each["cidr_block"]) for each in built.stacks[plan.name].all("aws_subnet")}
        if given_ranges != {str(subnet) for subnet in subnets}:
            yield f"{plan.name}: subnets are not those of the plan"


def name_faults(built: Synthesized) -> Iterator[str]:
    """Yield physical names that AWS would refuse, or that two resources of one namespace share."""
    taken: Counter[tuple[str, ...]] = Counter()
    for resource in built.everywhere:
        if resource.type == "aws_route53_record":
            # Every region writes the shared name's proof, over the others'.
            if not resource.get("allow_overwrite"):
                taken["record", str(resource["name"]), str(resource.get("set_identifier"))] += 1
        elif resource.type == "aws_acm_certificate" and len(str(resource["domain_name"])) > LONGEST_COMMON_NAME:
            yield f"{resource}: {resource['domain_name']!r} is longer than {LONGEST_COMMON_NAME}"
        elif resource.type in NAMED:
            argument, kind = NAMED[resource.type]
            name = str(resource[argument]).replace("${account.account_id}", ACCOUNT)
            taken[_namespace(resource, name)] += 1
            yield from _wrong_name(resource, kind, name)
    yield from (f"{key} is given to {count}" for key, count in taken.items() if count > 1)
    for stack in built.stacks.values():
        for path, count in Counter(each.path for each in (*stack.resources, *stack.data)).items():
            if count > 1:
                yield f"{stack.place}: {path} is the address of {count}"


def _namespace(resource: Resource, name: str) -> tuple[str, ...]:
    return (resource.type, "everywhere" if resource.type in GLOBAL_NAMES else resource.region, name)


def _wrong_name(resource: Resource, kind: Kind, name: str) -> Iterator[str]:
    if len(name) > LIMITS[kind]:
        yield f"{resource}: {name!r} is longer than {LIMITS[kind]}"
    pattern = FORMATS.get(resource.type)
    if pattern and "${" not in name and not re.fullmatch(pattern, name):
        yield f"{resource}: AWS refuses {name!r}"


def dashboard_faults(built: Synthesized) -> Iterator[str]:
    """Yield graphs without a line, which CloudWatch refuses, and with more than it shows."""
    body: Json = built.world.the("aws_cloudwatch_dashboard").parsed("dashboard_body")
    most = 500  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    for widget in body["widgets"]:
        metrics = widget["properties"].get("metrics")
        if widget["type"] == "metric" and not (metrics and len(metrics) <= most):
            yield f"graph {widget['properties']['title']!r} has {len(metrics or [])} lines"
