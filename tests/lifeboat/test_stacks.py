from __future__ import annotations

import json
from pathlib import Path

import pytest

from lifeboat.failure import Failure
from lifeboat.local.overrides import FILE, override, write_override
from lifeboat.stacks import StateLocation, read_stacks


def synthesized(out: Path, dependencies: dict[str, list[str]]) -> None:
    entries = {}
    for name, before in dependencies.items():
        folder = out / "stacks" / name
        folder.mkdir(parents=True)
        backend = {"bucket": "state-us-east-1", "key": f"{name}.tfstate", "region": "us-east-1"}
        content = {"provider": {"aws": [{"region": "us-east-1"}]}, "terraform": {"backend": {"s3": backend}}}
        (folder / "cdk.tf.json").write_text(json.dumps(content))
        entries[name] = {"workingDirectory": f"stacks/{name}", "dependencies": before}
    (out / "manifest.json").write_text(json.dumps({"stacks": entries}))


def test_stacks_are_listed_in_the_order_in_which_they_are_deployed(tmp_path: Path) -> None:
    synthesized(tmp_path, {"a-global": ["b-east", "c-west"], "b-east": [], "c-west": ["b-east"]})
    assert [stack.name for stack in read_stacks(tmp_path)] == ["b-east", "c-west", "a-global"]


def test_a_stack_knows_where_its_state_and_its_lock_are(tmp_path: Path) -> None:
    synthesized(tmp_path, {"one": []})
    state = read_stacks(tmp_path)[0].state
    assert state == StateLocation(bucket="state-us-east-1", key="one.tfstate", region="us-east-1")
    assert state.lock_key == "one.tfstate.tflock"


def test_stacks_that_wait_for_each_other_are_an_error(tmp_path: Path) -> None:
    synthesized(tmp_path, {"one": ["two"], "two": ["one"]})
    with pytest.raises(Failure, match="wait for each other: one, two"):
        read_stacks(tmp_path)


def test_an_empty_folder_says_to_synthesize_first(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="run `cdktf synth` first"):
        read_stacks(tmp_path)


def test_each_provider_gets_path_style_and_few_retries_under_its_own_alias() -> None:
    content = {"provider": {"aws": [{"region": "us-west-2"}, {"alias": "us-east-1", "region": "us-east-1"}]}}
    assert override(content) == {
        "provider": {
            "aws": [
                {"s3_use_path_style": True, "max_retries": 2},
                {"alias": "us-east-1", "s3_use_path_style": True, "max_retries": 2},
            ]
        }
    }


def test_a_remote_state_repeats_its_whole_config_and_other_backends_are_left_alone() -> None:
    config = {"bucket": "b", "key": "k", "region": "us-east-1"}
    states = {"input": {"backend": "s3", "config": config}, "other": {"backend": "local", "config": {"path": "x"}}}
    assert override({"data": {"terraform_remote_state": states}})["data"] == {
        "terraform_remote_state": {"input": {"config": {**config, "use_path_style": True}}}
    }


def test_the_override_lies_beside_the_stack_and_leaves_its_bytes_alone(tmp_path: Path) -> None:
    synthesized(tmp_path, {"one": []})
    stack = read_stacks(tmp_path)[0]
    before = (stack.folder / "cdk.tf.json").read_bytes()
    path = write_override(stack)
    assert path == stack.folder / FILE
    assert path.name.endswith("_override.tf.json")
    assert json.loads(path.read_text())["provider"]["aws"][0]["s3_use_path_style"] is True
    assert (stack.folder / "cdk.tf.json").read_bytes() == before
