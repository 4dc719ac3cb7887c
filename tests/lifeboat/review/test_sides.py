from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from deployments.problems import ProblemsError
from lifeboat.failure import Failure
from lifeboat.review.build import report
from lifeboat.review.comparison import compare
from lifeboat.review.sides import Origin, Places, origins, read_sides
from lifeboat.workspace import PROJECT
from tests.lifeboat.review.scratch import EDGE, REGION, git, repository, stacks, write

Json = Any


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo")


def places(repo: Path) -> Places:
    return Places(repository=repo, snapshots="snapshots")


def problems(base: str, head: str | None, where: Places) -> str:
    with pytest.raises(ProblemsError) as caught:
        read_sides(*origins(base, head, where), where)
    return str(caught.value)


def test_two_revisions_are_read_without_touching_the_working_tree(repo: Path) -> None:
    (repo / "snapshots" / "half-done.json").write_text("{", encoding="utf-8")
    base, head = read_sides(*origins("main", "change", places(repo)), places(repo))
    assert base.stacks.keys() == head.stacks.keys() == {REGION, EDGE}
    name = base.stacks[REGION].blocks["aws_dynamodb_table.orders_table"].get("name")
    assert (name, base.stacks[REGION].source) == ("shop-dev-orders", f"snapshots/{REGION}.json")
    assert git(repo, "status", "--porcelain") == "?? snapshots/half-done.json"


def test_without_a_head_the_working_tree_is_reviewed(repo: Path) -> None:
    content = json.loads((repo / "snapshots" / f"{REGION}.json").read_text(encoding="utf-8"))
    content["resource"]["aws_dynamodb_table"]["orders_table"]["name"] = "edited"
    (repo / "snapshots" / f"{REGION}.json").write_text(json.dumps(content), encoding="utf-8")
    _, head = read_sides(*origins("main", None, places(repo)), places(repo))
    assert head.name == "working tree"
    assert head.stacks[REGION].blocks["aws_dynamodb_table.orders_table"].get("name") == "edited"


def test_two_folders_need_no_repository(tmp_path: Path) -> None:
    for side in ("one", "two"):
        (tmp_path / side).mkdir()
        write(tmp_path / side, stacks())
    where = Places(repository=tmp_path)
    base, head = read_sides(*origins(f"{tmp_path}/one/snapshots", f"{tmp_path}/two/synthesized", where), where)
    assert base.stacks.keys() == head.stacks.keys()
    assert (base.dependencies, head.dependencies) == ({}, {REGION: (), EDGE: (REGION,)})


def test_a_revision_brings_the_deployments_files_of_its_own_time(repo: Path) -> None:
    (repo / "deployments").mkdir()
    (repo / "deployments" / "shop.toml").write_text('name = "shop"', encoding="utf-8")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "-m", "describe")
    base, head = read_sides(*origins("main", "HEAD", places(repo)), places(repo))
    assert (base.descriptions, head.descriptions) == ({}, {"shop.toml": 'name = "shop"'})


def test_a_base_without_stacks_is_told_and_everything_is_new(repo: Path) -> None:
    git(repo, "rm", "-r", "--quiet", "snapshots")
    git(repo, "commit", "--quiet", "-m", "none")
    base, head = read_sides(*origins("HEAD", "main", places(repo)), places(repo))
    assert (base.stacks, base.notes[0].endswith("has no stacks: everything is new")) == ({}, True)
    assert len(head.stacks) == 2


def test_the_projects_own_snapshots_are_six_stacks_with_their_code() -> None:
    where = Places(repository=PROJECT)
    folder_ = str(PROJECT / "tests/unit/__snapshots__")
    base, _ = read_sides(*origins(folder_, folder_, where), where)
    assert base.notes == ()
    functions = {
        name: [block.code for block in stack.blocks.values() if block.type == "aws_lambda_function"]
        for name, stack in base.stacks.items()
    }
    assert len(functions["ecommerce-prod-us-east-1"][0]) == 44
    assert {stack.family for stack in base.stacks.values()} == {"ecommerce-dev", "ecommerce-prod", ""}


@pytest.mark.parametrize("text", ["nowhere", "-h", "main..change", "main:snapshots"])
def test_what_is_no_revision_is_said_so(repo: Path, text: str) -> None:
    message = problems(text, "change", places(repo))
    assert message.startswith(f"error: {text}: no such folder and no such git revision; allowed: a revision of ")
    assert "shallow clone" in message


def test_both_sides_problems_are_told_at_once(repo: Path) -> None:
    message = problems("nowhere", "./nothing", places(repo))
    assert "error: nowhere: no such folder and no such git revision" in message
    assert "error: ./nothing: no such folder; allowed: a folder of snapshots, a cdktf.out, or a git revision" in message


def test_a_name_that_is_both_is_asked_about(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "main").mkdir()
    monkeypatch.chdir(repo)
    assert problems("main", "change", places(repo)) == (
        "error: main: is a folder and a git revision; allowed: ./main or refs/heads/main"
    )


def test_a_hook_of_another_repository_is_not_in_the_way(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    base, _ = read_sides(*origins("main", None, places(repo)), places(repo))
    assert len(base.stacks) == 2


def test_outside_of_a_repository_there_is_no_working_tree(tmp_path: Path) -> None:
    message = problems(str(tmp_path), None, Places(repository=tmp_path))
    assert message.startswith(f"error: {tmp_path}: is not in a git repository (found fatal: not a git repository")


def test_without_git_two_folders_are_asked_for(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Failure, match="git is not on the PATH: install it, or give two folders of snapshots"):
        origins("main", None, places(repo))


def test_without_a_repository_a_revision_cannot_be(tmp_path: Path) -> None:
    assert "there is no repository here" in problems("main", "change", Places(repository=tmp_path))


def folder(tmp_path: Path, **files: str) -> str:
    path = tmp_path / "broken"
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.json").write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "is not JSON (found Expecting property name"),
        ('{"resource": {}', "is not JSON (found Expecting ',' delimiter"),
        ("", "is not JSON (found Expecting value"),
        ("[" * 100_000, "is nested too deeply to be Terraform JSON"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "is not JSON"),
    ],
)
def test_a_snapshot_that_does_not_parse_is_named(tmp_path: Path, text: str, what: str) -> None:
    broken = folder(tmp_path, one=text, two=text)
    message = problems(broken, broken, Places(repository=tmp_path))
    assert f"error: {broken}/one.json: {what}" in message
    assert f"error: {broken}/two.json: {what}" in message


def test_two_stacks_of_one_name_are_named(tmp_path: Path) -> None:
    text = json.dumps({"//": {"metadata": {"stackName": "shop"}}, "resource": {}})
    broken = folder(tmp_path, one=text, two=text)
    assert f"error: {broken}/two.json: has the name of another stack, {broken}/one.json (found shop)" in problems(
        broken, broken, Places(repository=tmp_path)
    )


def test_folders_without_stacks_are_no_empty_review(tmp_path: Path) -> None:
    empty = folder(tmp_path, one='{"some": "thing"}')
    message = problems(empty, empty, Places(repository=tmp_path))
    assert message == f"error: {empty}: holds no synthesized stacks, in base and head; allowed: snapshots or cdktf.out"


def test_what_is_no_stack_is_left_out_and_told(tmp_path: Path) -> None:
    found = folder(tmp_path, stack='{"resource": {}}', other='{"some": "thing"}')
    base, _ = read_sides(*origins(found, found, Places(repository=tmp_path)), Places(repository=tmp_path))
    assert base.notes == (f"{found}/other.json is no Terraform JSON and was left out",)
    assert base.stacks.keys() == {"stack"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    found = folder(tmp_path, stack='{"resource": {}}')
    Path(found, "stack.json").chmod(0)
    assert f"error: {found}/stack.json: cannot be read" in problems(found, found, Places(repository=tmp_path))


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        (Origin(text="main", commit="1234567890abcdef"), "main (1234567890ab)"),
        (Origin(text="1234567", commit="1234567890abcdef"), "1234567"),
        (Origin(text="1234567890abcdef", commit="1234567890abcdef"), "1234567890ab"),
        (Origin(text=""), "working tree"),
        (Origin(text="./old", folder=Path("./old")), "./old"),
    ],
)
def test_a_side_is_called_as_people_called_it(origin: Origin, shown: str) -> None:
    assert origin.shown == shown


HOSTILE: list[Json] = [
    {"resource": {"aws_s3_bucket_policy": {"a": {"policy": {"Statement": [1, None, "x", {"Condition": "odd"}]}}}}},
    {"resource": {"aws_s3_bucket_policy": {"a": {"policy": {"Statement": {"Principal": 5, "Action": {"a": 1}}}}}}},
    {"resource": {"aws_security_group": {"a": {"ingress": "all", "egress": [1]}}}},
    {"resource": {"aws_subnet": {"a": {"cidr_block": 7}, "b": {"cidr_block": "nonsense/99"}}}},
    {"resource": {"aws_vpc": [], "aws_lb": {"a": []}, "aws_kms_key": {"a": "text"}}},
    {"resource": [], "data": "x", "provider": {"aws": "x"}, "terraform": [], "moved": 3, "removed": [{}]},
    {"data": {"aws_iam_policy_document": {"a": {"statement": [{"principals": "x", "condition": [7]}, 4]}}}},
    {"resource": {"aws_dynamodb_table": {"a": {"replica": {"region_name": []}}}}, "output": {"a": 1}},
]


@pytest.mark.parametrize("content", HOSTILE, ids=str)
def test_terraform_json_of_odd_shapes_is_reviewed_and_breaks_nothing(tmp_path: Path, content: Json) -> None:
    odd = folder(tmp_path, odd=json.dumps({"terraform": {}, **content}))
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "odd.json").write_text('{"resource": {}}', encoding="utf-8")
    where = Places(repository=tmp_path)
    for pair in ((odd, str(tmp_path / "plain")), (str(tmp_path / "plain"), odd)):
        base, head = read_sides(*origins(*pair, where), where)
        assert report("t", compare(base.stacks, head.stacks), {}, ()).sections
