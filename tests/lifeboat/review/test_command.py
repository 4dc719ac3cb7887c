from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lifeboat.cli import cli
from lifeboat.review.rules import RULES
from lifeboat.workspace import PROJECT
from tests.lifeboat.review.scratch import git, repository

GUARD = """
[[allow]]
address = "aws_dynamodb_table.orders_table"
reason = "the table was copied in pull request 41"
expires = 2999-12-31

[[allow]]
address = "aws_s3_bucket_policy.media_policy"
rule = "public-access"
reason = "these files are the public web site"
expires = 2999-12-31
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo")


def review(repo: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["review", *arguments, "--repository", str(repo), "--snapshots", "snapshots"])


def test_a_pull_request_is_explained_in_one_report(repo: Path) -> None:
    result = review(repo, "main", "change")
    assert result.exit_code == 3
    told = result.output
    for expected in (
        "guarded: AWS cannot rename it: a new, empty one takes its place and the data is lost [data-loss]",
        "because   name: shop-dev-orders → shop-dev-purchases",
        "guarded: everybody is allowed something, from any account and without credentials [public-access]",
        "policy, statement Read: Allow s3:GetObject, s3:PutObject to everybody on arn:aws:s3:::shop-dev-media/*",
        "high: requests without TLS are no longer denied [denial-lost]",
        "high: the subnet shrinks to 251 usable addresses instead of 4091 [addresses-changed]",
        "construct shop-dev-us-east-1/network/data",
        'policy.Statement["Read"].Action: (absent) → "s3:PutObject"',
        "shop-dev-global  no changes",
    ):
        assert expected in told
    assert told.splitlines()[0].startswith("main (")
    assert told.splitlines()[-1] == "GUARDED, 2 in the way: 2 stacks, 3 changed, 2 grave findings"


def test_the_documented_report_is_a_real_one(repo: Path) -> None:
    page = (PROJECT / "docs" / "review.md").read_text(encoding="utf-8")
    assert page.split("```text\n")[1].partition("```")[0] == review(repo, "main", "change").output


def test_every_rule_is_on_the_page() -> None:
    page = (PROJECT / "docs" / "review.md").read_text(encoding="utf-8")
    assert [rule.id for rule in RULES if f"`{rule.id}`" not in page] == []


def test_nothing_changed_ends_with_0(repo: Path) -> None:
    result = review(repo, "main", "main", "--quiet")
    assert (result.exit_code, result.output) == (0, "No changes: 2 stacks\n")


def test_what_the_guard_file_allows_no_longer_stands_in_the_way(repo: Path, tmp_path: Path) -> None:
    guard = tmp_path / "guard.toml"
    guard.write_text(GUARD, encoding="utf-8")
    result = review(repo, "main", "change", "--guard", str(guard))
    assert result.exit_code == 2
    assert "allowed   until 2999-12-31: the table was copied in pull request 41" in result.output
    guard.write_text(GUARD.replace("2999", "2001"), encoding="utf-8")
    expired = review(repo, "main", "change", "--guard", str(guard), "--json", str(tmp_path / "r.json"))
    assert expired.exit_code == 1
    assert "the allowance of aws_dynamodb_table.orders_table has expired" in expired.stderr
    assert not (tmp_path / "r.json").exists()


def test_one_stack_can_be_asked_for(repo: Path) -> None:
    result = review(repo, "main", "change", "--stack", "shop-dev-global")
    assert (result.exit_code, "shop-dev-us-east-1 (" in result.output) == (0, False)
    unknown = review(repo, "main", "change", "--stack", "shop-dev-moon")
    assert unknown.exit_code == 1
    assert unknown.stderr == ("error: --stack: unknown: shop-dev-moon; there are shop-dev-global, shop-dev-us-east-1\n")


def test_the_report_is_written_in_every_form(repo: Path, tmp_path: Path) -> None:
    forms = ("markdown", "json", "sarif", "html")
    written = [argument for form in forms for argument in (f"--{form}", str(tmp_path / f"report.{form}"))]
    assert review(repo, "main", "change", *written).exit_code == 3
    texts = {form: (tmp_path / f"report.{form}").read_text(encoding="utf-8") for form in forms}
    assert all("AWS cannot rename it" in text for text in texts.values())
    assert json.loads(texts["json"])["report"]["kind"] == "review"
    results = json.loads(texts["sarif"])["runs"][0]["results"]
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results}
    assert uris == {"snapshots/shop-dev-us-east-1.json"}


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "`a`|b\n# c", "\x1b[31mred", "@team"])
def test_hostile_names_and_values_stay_texts(repo: Path, tmp_path: Path, name: str) -> None:
    path = repo / "snapshots" / "shop-dev-us-east-1.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["resource"]["aws_dynamodb_table"]["orders_table"]["name"] = name
    path.write_text(json.dumps(content), encoding="utf-8")
    files = [part for form in ("markdown", "html") for part in (f"--{form}", str(tmp_path / f"r.{form}"))]
    result = review(repo, "main", *files)
    assert result.exit_code == 3
    assert "\x1b" not in result.output
    assert "<script>alert" not in (tmp_path / "r.html").read_text(encoding="utf-8").partition("<body")[2]
    assert "\n# c" not in (tmp_path / "r.markdown").read_text(encoding="utf-8")


def test_bad_input_is_one_message_and_writes_nothing(repo: Path, tmp_path: Path) -> None:
    result = review(repo, "main", "no-such-branch", "--json", str(tmp_path / "r.json"))
    assert result.exit_code == 1
    assert result.stderr.startswith("error: no-such-branch: no such folder and no such git revision")
    assert not (tmp_path / "r.json").exists()
    (repo / "snapshots" / "shop-dev-us-east-1.json").write_text("{", encoding="utf-8")
    git(repo, "commit", "--quiet", "--all", "-m", "broken")
    broken = review(repo, "main", "HEAD")
    assert broken.exit_code == 1
    assert broken.stderr.startswith("error: snapshots/shop-dev-us-east-1.json: is not JSON")


def test_snapshots_cannot_be_deployed(repo: Path) -> None:
    result = review(repo, f"{repo}/snapshots", f"{repo}/snapshots", "--plan")
    assert result.exit_code == 1
    assert result.stderr.endswith("cannot be deployed for --plan; allowed: a git revision, or a cdktf.out\n")


@pytest.mark.parametrize(
    ("synth", "message"),
    [
        ("/no/such/program", "main (.*) cannot be synthesized: /no/such/program: No such file or directory"),
        (f"{sys.executable} -c 'print(7); exit(1)'", "main (.*) cannot be synthesized:\n7"),
        (f"{sys.executable} -c ''", "main (.*) cannot be synthesized:\nit wrote no cdktf.out and gave no reason"),
    ],
)
def test_a_revision_that_cannot_be_synthesized_says_why(repo: Path, synth: str, message: str) -> None:
    result = review(repo, "main", "change", "--plan", "--synth", synth)
    assert result.exit_code == 1
    first, _, rest = message.partition("(.*)")
    assert result.stderr.startswith(f"error: {first}(")
    assert rest.strip() in result.stderr


def test_a_review_loads_no_cdktf_and_no_client_of_aws(repo: Path) -> None:
    code = (
        "import sys; from lifeboat.cli import cli\n"
        "try: cli(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print({'cdktf', 'jsii', 'boto3', 'moto', 'pydantic'} & sys.modules.keys())"
    )
    arguments = ["review", "main", "change", "--repository", str(repo), "--snapshots", "snapshots", "--quiet"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True)  # noqa: S603 our own code
    assert done.stdout.splitlines()[-1] == "set()"
