"""The service: how its function is configured, and that the code that was deployed serves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.integration.orders import Answer, call, place
from tests.integration.policies import statements
from tests.integration.system import ALL_REGIONS, Region, System, region_of

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef


@pytest.fixture
def key() -> str:
    """Make an idempotency key that nobody else uses."""
    return f"integration-{uuid4().hex}"


def configuration(region: Region) -> FunctionConfigurationResponseTypeDef:
    return region.aws.functions.get_function_configuration(FunctionName=region.text("function_name"))


def found(region: Region, path: str) -> Answer | None:
    """Ask for something that may not have been replicated yet."""
    answer = call(region, "GET", path)
    return None if answer.status == 404 else answer


def test_the_function_runs_on_a_supported_python_and_is_traced(region: Region) -> None:
    function = configuration(region)
    assert (function["State"], function["LastUpdateStatus"]) == ("Active", "Successful")
    assert function["Runtime"] in {"python3.13", "python3.14"}
    assert function["Architectures"] == ["arm64"]
    assert function["TracingConfig"]["Mode"] == "Active"
    assert function["LoggingConfig"]["LogFormat"] == "JSON"


def test_every_region_runs_the_same_code(system: System) -> None:
    assert len({configuration(region)["CodeSha256"] for region in system.regions}) == 1


def test_the_function_lies_in_the_private_tier(region: Region) -> None:
    network = configuration(region)["VpcConfig"]
    assert network["VpcId"] == region.text("vpc_id")
    assert set(network["SubnetIds"]) == set(region.texts("private_subnet_ids"))


def test_the_functions_groups_let_nothing_in(region: Region) -> None:
    network = configuration(region)["VpcConfig"]
    groups = region.aws.ec2.describe_security_groups(GroupIds=network["SecurityGroupIds"])["SecurityGroups"]
    assert groups
    assert [permission for group in groups for permission in group["IpPermissions"]] == []


def test_the_functions_settings_are_encrypted_with_the_regions_own_key(region: Region) -> None:
    assert configuration(region)["KMSKeyArn"] == region.text("key_arn")


def test_the_functions_settings_name_the_stores_of_its_own_region(system: System, region: Region) -> None:
    settings = configuration(region)["Environment"]["Variables"]
    assert settings["ACTIVE_REGION_PARAMETER"] == f"{region.text('parameter_prefix')}/active-region"
    if "BUCKET_NAME" in settings:
        assert settings["BUCKET_NAME"] in region.outputs.named("bucket").values()
    if "TABLE_NAME" in settings:
        assert settings["TABLE_NAME"] in system.shared.named("table").values()


def test_the_function_has_capacity_reserved_so_that_a_failover_finds_it(region: Region) -> None:
    answer = region.aws.functions.get_function_concurrency(FunctionName=region.text("function_name"))
    assert answer["ReservedConcurrentExecutions"] == region.outputs.value("reserved_concurrency")


def test_events_that_fail_are_kept_encrypted_for_two_weeks(region: Region) -> None:
    function = configuration(region)
    queue = region.aws.sqs.get_queue_attributes(QueueUrl=region.text("dead_letter_queue_url"), AttributeNames=["All"])[
        "Attributes"
    ]
    assert function["DeadLetterConfig"]["TargetArn"] == queue["QueueArn"]
    assert queue["KmsMasterKeyId"] == region.text("key_arn")
    assert queue["MessageRetentionPeriod"] == str(14 * 24 * 3600)


def test_the_functions_log_is_encrypted_and_has_an_end(region: Region) -> None:
    name = configuration(region)["LoggingConfig"]["LogGroup"]
    groups = region.aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    (group,) = (group for group in groups if group["logGroupName"] == name)
    assert group["kmsKeyId"] == region.text("key_arn")
    assert group["retentionInDays"] >= 1


def test_only_the_regions_way_in_may_invoke_the_function(region: Region) -> None:
    policy = region.aws.functions.get_policy(FunctionName=region.text("function_name"))["Policy"]
    (permission,) = statements(policy)
    assert (permission.effect, permission.actions) == ("Allow", frozenset({"lambda:InvokeFunction"}))
    (service,) = permission.services
    (source,) = permission.condition_values
    if "target_group_arn" in region.outputs:
        assert (service, source) == ("elasticloadbalancing.amazonaws.com", region.text("target_group_arn"))
    else:
        assert service == "apigateway.amazonaws.com"
        assert region.text("rest_api_id") in source


def test_the_functions_role_reaches_named_things_of_its_own_region_and_deletes_nothing(region: Region) -> None:
    role = configuration(region)["Role"].rsplit("/", 1)[-1]
    granted = [
        statement
        for name in region.aws.iam.list_role_policies(RoleName=role)["PolicyNames"]
        for statement in statements(region.aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    ]
    resources = {resource for statement in granted for resource in statement.resources}
    assert resources
    assert "*" not in resources
    assert {region_of(resource) for resource in resources} <= {"", region.name}
    assert [action for statement in granted for action in statement.actions if "Delete" in action] == []


@pytest.mark.writes
def test_the_deployed_code_finds_every_store_of_its_region_healthy(region: Region) -> None:
    answer = call(region, "GET", "/health")
    assert answer.status == 200, answer.document
    assert (answer.document["status"], answer.document["region"]) == ("ok", region.name)
    expected = {"table": "ok", "bucket": "ok", "active-region": "ok"}
    if "DATABASE_NAME" in configuration(region)["Environment"]["Variables"]:
        expected["catalogue"] = "ok"
    assert {name: store["status"] for name, store in answer.document["stores"].items()} == expected


@pytest.mark.writes
def test_health_says_which_system_and_which_role_answers(system: System, region: Region) -> None:
    document = call(region, "GET", "/health").document
    prefix = region.text("parameter_prefix").strip("/")
    active = region.parameter("active-region")
    assert f"{document['deployment']}-{document['suffix']}" == prefix
    assert document["role"] == ("writer" if active in {ALL_REGIONS, region.name} else "standby")
    assert document["version"] == call(system.primary, "GET", "/health").document["version"]


@pytest.mark.writes
def test_an_order_is_placed_once_however_often_the_request_is_repeated(system: System, key: str) -> None:
    first, again = place(system.active, key=key), place(system.active, key=key)
    assert (first.status, again.status) == (201, 200), first.document
    assert again.document == first.document
    assert (first.document["total"], first.document["placed_in"]) == (2500, system.active.name)
    assert first.headers["location"] == f"/orders/{first.document['id']}"


@pytest.mark.writes
def test_an_order_reads_back_as_it_was_placed(system: System, key: str) -> None:
    placed = place(system.active, key=key).document
    answer = call(system.active, "GET", f"/orders/{placed['id']}")
    assert (answer.status, answer.document) == (200, placed)


@pytest.mark.writes
def test_a_key_that_was_used_for_another_order_is_refused(system: System, key: str) -> None:
    assert place(system.active, key=key, quantity=1).status == 201
    refused = place(system.active, key=key, quantity=3)
    assert (refused.status, refused.document["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.writes
def test_every_other_region_shows_an_order_soon_after_it_was_placed(system: System, key: str) -> None:
    placed = place(system.active, key=key).document
    for other in system.others(system.active):
        shown = system.eventually(partial(found, other, f"/orders/{placed['id']}"), what=f"the order in {other}")
        assert (shown.status, shown.document) == (200, placed)


@pytest.mark.writes
def test_an_attachment_can_be_fetched_in_every_other_region(system: System, key: str) -> None:
    placed = place(system.active, key=key).document
    path, content = f"/orders/{placed['id']}/attachments/receipt.pdf", uuid4().bytes
    put = call(system.active, "PUT", path, body=content, headers={"Content-Type": "application/pdf"})
    assert put.status == 200, put.document
    for other in system.others(system.active):
        fetched = system.eventually(partial(found, other, path), what=f"the attachment in {other}")
        assert (fetched.status, fetched.content) == (200, content)
        assert fetched.headers["content-type"] == "application/pdf"


@pytest.mark.writes
def test_a_region_that_is_not_active_refuses_writes_and_says_which_one_is(system: System, key: str) -> None:
    for standby in system.fenced:
        refused = place(standby, key=key)
        assert (refused.status, refused.document["error"]["code"]) == (503, "FENCED")
        assert f"{system.active} is open" in refused.document["error"]["message"]
        assert int(refused.headers["retry-after"]) >= 1


@pytest.mark.writes
def test_an_order_that_was_refused_by_a_fenced_region_was_not_placed(system: System, key: str) -> None:
    for standby in system.fenced:
        assert place(standby, key=key).status == 503
    assert place(system.active, key=key).status == 201


@pytest.mark.writes
def test_a_request_that_makes_no_sense_is_told_why(system: System, key: str) -> None:
    refused = call(system.active, "POST", "/orders", body=b"[]", headers={"Idempotency-Key": key})
    assert (refused.status, refused.document["error"]["code"]) == (400, "INVALID_REQUEST")
    assert refused.document["error"]["problems"] == [{"at": "body", "problem": "must be an object"}]
