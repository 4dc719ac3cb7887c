"""Single checks of the preflight, each with what it finds wrong: zones, certificates, backups, regions, classes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dns.resolver
import pytest

from deployments.load import FOLDER, load
from deployments.system import RegionPlan, System
from lifeboat.failover.clients import Clients
from lifeboat.preflight import checks
from lifeboat.preflight.delegation import Ask, public_name_servers, zone
from lifeboat.preflight.findings import Finding, Level
from tests.lifeboat.embedded.aws import Aws

SERVERS = {"ns-1.example.net", "ns-2.example.net"}


@pytest.fixture(scope="module")
def shop() -> System:
    """The web shop, nowhere deployed."""
    return load(FOLDER / "ecommerce.toml", "dev")


class Says:
    """A client of one service that gives the answers it was told, by operation."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 as boto3's clients
        return lambda **_: self._answers[operation]

    def get_paginator(self, operation: str) -> Says:
        return Says({"paginate": [self._answers[operation]]})


class Told(Clients):
    """Clients that give these answers, by service."""

    def __init__(self, answers: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__()
        self._answers = answers

    def __call__(self, service: str, region: str) -> Says:
        assert region
        return Says(self._answers[service])


def said(**answers: Mapping[str, Any]) -> Clients:
    return Told(answers)


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def zones(*private: bool) -> Mapping[str, Any]:
    return {
        "list_hosted_zones_by_name": {
            "HostedZones": [
                {"Id": str(index), "Name": "example.com.", "Config": {"PrivateZone": each}}
                for index, each in enumerate(private)
            ]
        },
        "get_hosted_zone": {"DelegationSet": {"NameServers": sorted(SERVERS)}},
    }


def silent(_name: str) -> set[str]:
    raise OSError("timed out")


@pytest.mark.parametrize(
    ("ask", "level", "told"),
    [
        (lambda _: {"NS-1.example.net.", "ns-2.example.net."}, Level.OK, "there, and its parent delegates to it"),
        (lambda _: {"ns.elsewhere.net."}, Level.PROBLEM, "its parent delegates to ns.elsewhere.net"),
        (lambda _: set(), Level.PROBLEM, "nobody delegates to it: no name in it is found"),
        (silent, Level.UNKNOWN, "the public DNS does not answer: timed out"),
        (None, Level.OK, "there; its parent must delegate to ns-1.example.net, ns-2.example.net"),
    ],
)
def test_the_delegation_of_the_zone_is_looked_up(shop: System, ask: Ask | None, level: Level, told: str) -> None:
    finding = only(list(zone(said(route53=zones(False)), shop, ask)))
    assert (finding.level, finding.found, finding.about) == (level, told, "zone example.com")
    if level is Level.PROBLEM:
        assert "let the NS records of example.com be ns-1.example.net, ns-2.example.net" in finding.fix


def test_two_public_zones_of_one_name_are_told_and_private_ones_do_not_count(shop: System) -> None:
    two = list(zone(said(route53=zones(False, True, False)), shop))
    assert [finding.level for finding in two] == [Level.PROBLEM, Level.OK]
    assert two[0].found.startswith("2 public zones")
    assert only(list(zone(said(route53=zones(True)), shop))).found == "missing"


def test_a_resolver_that_cannot_be_reached_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = dns.resolver.Resolver(configure=False)
    nowhere.nameservers, nowhere.port = ["127.0.0.1"], 9  # nothing listens there
    monkeypatch.setattr(dns.resolver, "get_default_resolver", lambda: nowhere)
    monkeypatch.setattr("lifeboat.preflight.delegation.RESOLVE_SECONDS", 0.2)
    with pytest.raises(OSError, match=r"127\.0\.0\.1"):
        public_name_servers("example.com")


def primary(system: System) -> RegionPlan:
    return system.primary


def certificate(**facts: object) -> Mapping[str, Any]:
    summary = {"CertificateArn": "arn", "DomainName": "shop-dev.us-east-1.example.com"}
    return {
        "list_certificates": {"CertificateSummaryList": [summary]},
        "describe_certificate": {"Certificate": {"Status": "ISSUED", **facts}},
    }


@pytest.mark.parametrize(
    ("facts", "level", "told"),
    [
        ({}, Level.OK, "issued"),
        ({"Status": "PENDING_VALIDATION"}, Level.PROBLEM, "PENDING_VALIDATION"),
        ({"NotAfter": datetime.now(UTC) + timedelta(days=5)}, Level.PROBLEM, "ends "),
        ({"NotAfter": datetime.now(UTC) + timedelta(days=300)}, Level.OK, "issued"),
    ],
)
def test_a_certificate_must_be_issued_and_last(shop: System, facts: dict[str, object], level: Level, told: str) -> None:
    answers = certificate(**facts)
    answers["list_certificates"]["CertificateSummaryList"][0]["DomainName"] = shop.regional_hostname("us-east-1")
    finding = only(list(checks.certificates(said(acm=answers), shop, primary(shop))))
    assert finding.level is level
    assert finding.found.startswith(told)
    assert bool(finding.fix) is (level is Level.PROBLEM)


def test_certificates_of_other_names_are_not_ours(shop: System) -> None:
    finding = only(list(checks.certificates(said(acm=certificate()), shop, primary(shop))))
    assert finding.found == "made by the first deploy"


@pytest.mark.parametrize(
    ("hours", "level", "told"),
    [([], Level.WARNING, "none yet"), ([1, 30], Level.OK, "the newest is 1.0 h old"), ([50], Level.PROBLEM, "50.0 h")],
)
def test_the_newest_backup_is_as_young_as_promised(shop: System, hours: list[int], level: Level, told: str) -> None:
    points = [{"CreationDate": datetime.now(UTC) - timedelta(hours=each)} for each in hours]
    answers = {"list_recovery_points_by_backup_vault": {"RecoveryPoints": points}}
    finding = only(list(checks.backups(said(backup=answers), shop, primary(shop))))
    assert finding.level is level
    assert told in finding.found


def test_a_region_that_the_account_has_not_enabled_is_told_with_the_call_that_enables_it(shop: System) -> None:
    clients = said(
        sts={"get_caller_identity": {"Account": "123456789012"}},
        ec2={"describe_regions": {"Regions": [{"OptInStatus": "not-opted-in"}]}},
    )
    account, region = checks.identity(clients, shop, primary(shop))
    assert (account.level, account.found) == (Level.OK, "123456789012")
    assert (region.level, region.found) == (Level.PROBLEM, "not-opted-in")
    assert region.fix == "aws account enable-region --region-name us-east-1"


def test_an_instance_class_that_is_not_offered_is_told(shop: System) -> None:
    answers = {
        "describe_db_engine_versions": {"DBEngineVersions": [{"EngineVersion": "16.8"}]},
        "describe_orderable_db_instance_options": {"OrderableDBInstanceOptions": []},
    }
    version, kind = checks.database(said(rds=answers), shop, primary(shop))
    assert version.level is Level.OK
    assert (kind.level, kind.about) == (Level.PROBLEM, "db.serverless")


def test_a_vault_that_is_not_there_yet_comes_with_the_first_deploy(
    rehearsal_aws: Aws, monkeypatch: pytest.MonkeyPatch, shop: System
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", rehearsal_aws.url)
    finding = only(list(checks.backups(Clients(key="test"), shop, primary(shop))))
    assert finding.found == "made by the first deploy"
