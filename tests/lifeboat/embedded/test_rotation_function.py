"""The rotation function as it is deployed, against a real PostgreSQL: rotated by Secrets Manager, step by step."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError

from functions.packaging import FUNCTIONS, package
from functions.rotation.credentials import Credentials, new_password
from functions.rotation.database import Postgres
from functions.rotation.handler import handle
from functions.rotation.settings import Settings
from functions.rotation.vault import Vault
from tests.lifeboat.embedded.aurora import USER, cluster
from tests.lifeboat.embedded.aws import Aws, eventually
from tests.lifeboat.embedded.databases import ask, new_database
from tests.lifeboat.embedded.functions import role

GRACE_SECONDS = 3
ENDED = {"28P01", "28000"}


class Shop:
    """A database with two secrets, and the function that rotates them."""

    def __init__(self, aws: Aws, archives: Path) -> None:
        self.aws = aws
        self.host: str = cluster(aws, new_database(aws))["Endpoint"]
        self.prefix = f"/{aws.name('shop')}/database"
        self.secrets = aws("secretsmanager")
        self.master, self.application = (self._secret(name) for name in ("master", "credentials"))
        aws("ssm").put_parameter(Name=f"{self.prefix}/endpoint", Value=self.host, Type="String")
        self.arn = self._function(archives)

    def _secret(self, name: str) -> str:
        held = {"username": USER["MasterUsername"], "password": USER["MasterUserPassword"]}
        made = self.secrets.create_secret(Name=f"{self.prefix}/{name}", SecretString=json.dumps(held))
        return str(made["ARN"])

    def _function(self, archives: Path) -> str:
        built = package("rotation", cache=archives)
        self.environment = {
            "MASTER_SECRET": f"{self.prefix}/master",
            "DATABASE_NAME": "shop",
            "APPLICATION_ROLE": "application",
            "ENDPOINT_PARAMETERS": f"{self.prefix}/writer-endpoint,{self.prefix}/endpoint",
            "GRACE_SECONDS": str(GRACE_SECONDS),
        }
        made = self.aws("lambda").create_function(
            FunctionName=self.aws.name("rotation"),
            Role=role(self.aws),
            Runtime="python3.13",
            Handler=built.handler,
            Code={"ZipFile": built.path.read_bytes()},
            Timeout=29,
            Environment={"Variables": self.environment},
        )
        return str(made["FunctionArn"])

    def held(self, secret: str, stage: str = "AWSCURRENT") -> dict[str, str]:
        """Return what a secret holds."""
        found = self.secrets.get_secret_value(SecretId=secret, VersionStage=stage)
        return dict(json.loads(found["SecretString"]))

    def rotate(self, secret: str) -> dict[str, str]:
        """Rotate a secret and return what it holds then."""
        before = self.held(secret)
        self.secrets.rotate_secret(
            SecretId=secret, RotationLambdaARN=self.arn, RotationRules={"AutomaticallyAfterDays": 30}
        )
        assert eventually(lambda: self.held(secret) != before, seconds=60), self.log()
        return self.held(secret)

    def run(self, login: dict[str, str], *statements: str) -> list[list[object]]:
        """Run statements as somebody and return the rows of the last one."""
        rows: list[list[object]] = ask(
            self.aws, self.host, *statements, user=login["username"], password=login["password"]
        )
        return rows

    def refused(self, login: dict[str, str]) -> str:
        """Return the code of a refusal; empty when it lets in."""
        try:
            self.run(login, "SELECT 1")
        except DatabaseError as error:
            return str(error.args[0]["C"])
        return ""

    def log(self) -> str:
        """Return what the function logged."""
        name = f"/aws/lambda/{self.arn.rsplit(':', 1)[-1]}"
        events = self.aws("logs").filter_log_events(logGroupName=name)["events"]
        return "\n".join(event["message"] for event in events)


@pytest.fixture(scope="module")
def shop(databases_aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Give one shop for all tests."""
    return Shop(databases_aws, tmp_path_factory.mktemp("archives"))


def test_the_application_gets_a_user_of_its_own_and_keeps_what_it_made(shop: Shop) -> None:
    shop.run(shop.held(shop.application), "CREATE TABLE before (id int)", "INSERT INTO before VALUES (1)")
    first = shop.rotate(shop.application)
    assert first["username"] == "application_a"
    assert shop.run(first, "SELECT current_user, session_user") == [["application", "application_a"]]
    assert shop.run(first, "SELECT id FROM before") == [[1]]
    shop.run(first, "CREATE TABLE after (id int)", "INSERT INTO after VALUES (2)")
    second = shop.rotate(shop.application)
    assert second["username"] == "application_b"
    shop.run(second, "ALTER TABLE after ADD COLUMN more int", "DROP TABLE after")
    assert shop.run(second, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'application'") == [[False]]


def test_the_former_password_works_for_the_grace_period_and_then_ends(shop: Shop) -> None:
    former = shop.held(shop.application)
    new = shop.rotate(shop.application)
    assert shop.refused(new) == ""
    assert eventually(lambda: shop.refused(former) in ENDED, seconds=GRACE_SECONDS + 10)
    assert shop.refused(new) == ""


def test_the_master_changes_its_own_password_and_the_application_does_not_notice(shop: Shop) -> None:
    former = shop.held(shop.master)
    application = shop.held(shop.application)
    new = shop.rotate(shop.master)
    assert (new["username"], shop.refused(new)) == (former["username"], "")
    assert shop.refused(former) in ENDED
    assert shop.refused(application) == ""
    assert shop.refused(shop.rotate(shop.application)) == ""


def test_no_password_is_in_a_log(shop: Shop) -> None:
    shop.rotate(shop.application)
    logged = shop.log()
    assert '"step": "finishSecret"' in logged
    for secret in (shop.master, shop.application):
        for stage in ("AWSCURRENT", "AWSPREVIOUS"):
            assert shop.held(secret, stage)["password"] not in logged


class Here:
    """The same code in this process, so that what it cannot do shows where it happens."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", shop.aws.url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        certificate = shop.aws.admin("GET", "health")["databases"]["certificate"]
        self.environment = {**shop.environment, "AWS_REGION": "us-east-1", "PGSSLROOTCERT": certificate}
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        self.settings = Settings.from_environment(self.environment)
        self.vault = Vault(region="us-east-1")
        self.database = Postgres(self.settings, endpoint=self.vault.parameter)


@pytest.fixture
def here(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Here:
    """Give the function's parts, pointed at the shop."""
    return Here(shop, monkeypatch)


def test_the_handler_does_one_step_and_logs_names_only(
    shop: Shop, here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.rotate(shop.application)
    version = here.vault.describe(shop.application).version_of("AWSCURRENT")
    handle({"Step": "createSecret", "SecretId": shop.application, "ClientRequestToken": version}, None)
    assert json.loads(capsys.readouterr().out)["done"] == "is current already"


def test_a_version_that_is_not_there_reads_as_none(shop: Shop, here: Here) -> None:
    assert here.vault.read(shop.application, "AWSPENDING", "0" * 32) is None
    assert here.vault.read(shop.application, "NOLABEL") is None
    with pytest.raises(LookupError, match="no parameter says where the database is: /a, /b"):
        here.vault.parameter(("/a", "/b"))


def test_a_wrong_password_is_refused_and_a_wrong_certificate_is_an_error(shop: Shop, here: Here) -> None:
    held = shop.held(shop.master)
    assert here.database.accepts(Credentials(**held))
    assert not here.database.accepts(Credentials(username=held["username"], password="wrong"))  # noqa: S106 made up
    assert not here.database.accepts(Credentials(username="nobody", password="wrong"))  # noqa: S106 made up
    others = replace(here.settings, authorities=FUNCTIONS / "rds-authorities.pem")
    with pytest.raises(ssl.SSLCertVerificationError):
        Postgres(others, endpoint=here.vault.parameter).accepts(Credentials(**held))


def test_every_statement_can_be_repeated(shop: Shop, here: Here) -> None:
    login = Credentials(**shop.held(shop.master))
    user = Credentials(username="application_b", password=new_password())
    for _ in range(2):
        here.database.set_user(login, user)
        assert here.database.accepts(user)
    here.database.end_password(login, user.username)
    assert eventually(lambda: not here.database.accepts(user), seconds=GRACE_SECONDS + 10)
    here.database.set_user(login, user)
    assert here.database.accepts(user)
    own = new_password()
    here.database.set_own_password(login, own)
    assert here.database.accepts(Credentials(username=login.username, password=own))
    here.database.set_own_password(Credentials(username=login.username, password=own), login.password)
    with pytest.raises(DatabaseError):
        here.database.set_user(user, Credentials(username="application_a", password=new_password()))


def test_a_version_is_written_and_made_current(shop: Shop, here: Here) -> None:
    before = here.vault.describe(shop.application).version_of("AWSCURRENT")
    held = Credentials(**shop.held(shop.application))
    here.vault.put(shop.application, "1" * 36, held, ("AWSPENDING",))
    assert here.vault.read(shop.application, "AWSPENDING", "1" * 36) == held
    here.vault.make_current(shop.application, "1" * 36, before)
    assert here.vault.describe(shop.application).stages["1" * 36] == ["AWSPENDING", "AWSCURRENT"]
