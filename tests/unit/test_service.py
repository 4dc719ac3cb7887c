"""The application and its way in: there beforehand in every region, over TLS, with what it needs and no more."""

from __future__ import annotations

import base64
import hashlib
import zipfile

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.variants import only

MODERN_TLS = {"ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}


def test_the_way_in_exists_in_every_region_beforehand(either: Synthesized) -> None:
    for stack in either.regional:
        assert stack.the("aws_lb")["internal"] is False
        assert len(stack.the("aws_lb")["subnets"]) == 3
        assert stack.the("aws_lambda_function")["function_name"] == f"{either.system.names.prefix}-orders"


def test_the_target_is_attached_only_after_the_permission_to_invoke_exists(either: Synthesized) -> None:
    for stack in either.regional:
        permission = stack.the("aws_lambda_permission")
        assert permission.path in stack.the("aws_lb_target_group_attachment").depends_on
        assert permission["principal"] == "elasticloadbalancing.amazonaws.com"
        assert permission["source_arn"] == "load-balancer/target-group.arn"
        assert permission["function_name"] == "service/function.function_name"


def test_the_function_is_made_only_after_its_permissions(either: Synthesized) -> None:
    for stack in either.regional:
        before = stack.the("aws_lambda_function").depends_on
        assert set(before) >= {f"service/role/{each}" for each in ("vpc", "send-dead-letters", "write-logs", "use-key")}


def test_https_speaks_modern_tls_with_a_proven_certificate(either: Synthesized) -> None:
    for stack in either.regional:
        listener = stack.by_path("load-balancer/https")
        assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
        assert listener["ssl_policy"] in MODERN_TLS
        assert listener["certificate_arn"] == "certificate/validation.certificate_arn"


def test_http_is_answered_with_a_redirect_to_https(either: Synthesized) -> None:
    for stack in either.regional:
        action = only(stack.by_path("load-balancer/http")["default_action"])
        assert action["type"] == "redirect"
        assert action["redirect"] == {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}


def test_the_certificate_of_each_region_covers_its_own_and_the_shared_name(dev: Synthesized) -> None:
    for stack in dev.regional:
        certificate = stack.the("aws_acm_certificate")
        assert certificate["domain_name"] == f"{stack.place}.shop-dev.example.com"
        assert certificate["subject_alternative_names"] == ["shop-dev.example.com"]
        assert certificate["lifecycle"] == {"create_before_destroy": True}


def test_certificates_wait_for_the_proof_of_every_name(dev: Synthesized) -> None:
    for stack in dev.regional:
        proofs = [record for record in stack.all("aws_route53_record") if record.path.startswith("certificate/")]
        waited = stack.the("aws_acm_certificate_validation")["validation_record_fqdns"]
        assert sorted(waited) == sorted(f"{proof.path}.fqdn" for proof in proofs)
        assert len(proofs) == 2


def test_clients_leave_a_failed_region_within_minutes(either: Synthesized) -> None:
    for balancer in either.all("aws_lb"):
        assert balancer["client_keep_alive"] == 300


def test_the_load_balancer_refuses_ambiguous_requests_and_logs_all(either: Synthesized) -> None:
    for balancer in either.all("aws_lb"):
        assert balancer["drop_invalid_header_fields"] is True
        assert balancer["desync_mitigation_mode"] == "strictest"
        assert balancer["access_logs"] == {"bucket": "logs/bucket.bucket", "enabled": True, "prefix": "alb"}
        assert balancer.depends_on == ["logs/policy"]


def test_the_load_balancer_asks_the_application_for_its_health(either: Synthesized) -> None:
    for group in either.all("aws_lb_target_group"):
        check = group["health_check"]
        assert (check["enabled"], check["path"], check["matcher"]) == (True, "/health", "200")
        assert check["timeout"] < check["interval"]


@pytest.mark.parametrize(
    ("name", "concurrency"), [("dev", [50, 10]), ("pilot-light", [50, 0]), ("active-active", [50, 50])]
)
def test_the_strategy_decides_the_concurrency_of_the_standby(
    synthesized: Synthesize, name: str, concurrency: list[int]
) -> None:
    found = [stack.the("aws_lambda_function") for stack in synthesized(name).regional]
    assert [function["reserved_concurrent_executions"] for function in found] == concurrency


def test_backup_and_restore_runs_no_application_in_the_standby(synthesized: Synthesize) -> None:
    standby = synthesized("backup-restore").standby
    assert standby.all("aws_lambda_function") == standby.all("aws_lb") == []


def test_the_function_runs_a_supported_runtime_in_the_private_subnets(either: Synthesized) -> None:
    for function in either.all("aws_lambda_function"):
        assert function["runtime"] == "python3.13"
        assert function["vpc_config"]["subnet_ids"] == [f"network/private-{zone}.id" for zone in range(3)]
        assert function["vpc_config"]["security_group_ids"] == ["service/security-group/group.id"]


def test_the_function_is_told_its_stores_by_the_names_they_have(dev: Synthesized) -> None:
    table = dev.world.the("aws_dynamodb_table")["name"]
    for stack in dev.regional:
        told = stack.the("aws_lambda_function")["environment"]["variables"]
        assert told["TABLE_NAME"] == table
        assert told["BUCKET_NAME"] == "bucket-assets/bucket.bucket"
        assert told["ACTIVE_REGION_PARAMETER"] == stack.by_path("parameters/active-region")["name"]


def test_the_function_finds_the_database_by_the_names_of_its_own_region(dev: Synthesized) -> None:
    credentials = dev.world.the("aws_secretsmanager_secret")["name"]
    for stack in dev.regional:
        told = stack.the("aws_lambda_function")["environment"]["variables"]
        assert told["DATABASE_NAME"] == "shop"
        assert f"{told['DATABASE_PATH']}/credentials" == credentials
        reader = stack.by_path("parameters/database-reader-endpoint")
        assert reader["name"] == f"{told['DATABASE_PATH']}/reader-endpoint"
        assert reader["insecure_value"] == "database/cluster.reader_endpoint"
    names = {parameter["name"] for parameter in dev.world.all("aws_ssm_parameter")}
    assert f"{told['DATABASE_PATH']}/writer-endpoint" in names


def test_failed_events_are_kept_encrypted_for_two_weeks(either: Synthesized) -> None:
    for stack in either.regional:
        queue = stack.the("aws_sqs_queue")
        assert (queue["message_retention_seconds"], queue["kms_master_key_id"]) == (14 * 24 * 3600, "key/key.arn")
        assert stack.the("aws_lambda_function")["dead_letter_config"] == {"target_arn": "service/dead-letters.arn"}


def test_the_archive_that_is_deployed_is_the_one_its_hash_names_and_holds_its_handler(dev: Synthesized) -> None:
    for stack in dev.regional:
        function = stack.the("aws_lambda_function")
        archive = stack.file.parent / function["filename"]
        digest = hashlib.sha256(archive.read_bytes()).digest()
        assert function["source_code_hash"] == base64.b64encode(digest).decode()
        module = function["handler"].rsplit(".", 1)[0].replace(".", "/") + ".py"
        with zipfile.ZipFile(archive) as opened:
            assert module in opened.namelist()


def test_failover_moves_the_active_region_and_terraform_leaves_it_alone(dev: Synthesized) -> None:
    for stack in dev.regional:
        switch = stack.by_path("parameters/active-region")
        assert switch["insecure_value"] == "us-east-1"
        assert switch["lifecycle"] == {"ignore_changes": ["insecure_value"]}


def test_every_region_takes_writes_where_all_are_active(synthesized: Synthesize) -> None:
    for stack in synthesized("active-active").regional:
        assert stack.by_path("parameters/active-region")["insecure_value"] == "all"


def test_a_description_without_tiers_builds_the_network_alone(synthesized: Synthesize) -> None:
    bare = synthesized("bare")
    absent = ("aws_rds_cluster", "aws_lambda_function", "aws_lb", "aws_backup_vault", "aws_dynamodb_table")
    assert [resource for resource in bare.everywhere if resource.type in absent] == []
    assert len(bare.all("aws_vpc")) == 2
