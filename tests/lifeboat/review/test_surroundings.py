"""What is around a plan preview: what it refuses to run, what must be there first, what it keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lifeboat.api_logging import ROLE
from lifeboat.failure import Failure
from lifeboat.review.cache import Cache
from lifeboat.review.preview import preview
from lifeboat.review.surroundings import local_override, needed, objections
from lifeboat.stacks import read_stacks
from tests.lifeboat.review.scratch import EDGE, REGION, out, stacks

Json = Any


def test_an_unknown_stack_is_told_with_the_known_ones(tmp_path: Path) -> None:
    side = out(tmp_path / "side", stacks())
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    with pytest.raises(Failure, match=f"--stack: unknown: moon; there are {REGION}, {EDGE}"):
        preview(side, side, ["moon"], cache, print)


ELSEWHERE: list[tuple[str, Json]] = [
    ("null_resource may do more than call AWS", {"resource": {"null_resource": {"it": {}}}}),
    ("external may do more than call AWS", {"data": {"external": {"it": {"program": ["sh"]}}}}),
    ("aws_vpc.it has a provisioner", {"resource": {"aws_vpc": {"it": {"provisioner": [{"local-exec": {}}]}}}}),
    ("its provider has endpoints of its own", {"provider": {"aws": {"endpoints": {"s3": "https://example.com"}}}}),
    ("its backend has endpoints of its own", {"terraform": {"backend": {"s3": {"endpoints": {}}}}}),
    ("it calls modules", {"module": {"vpc": {"source": "./vpc"}}}),
    ("its state lives in gcs", {"terraform": {"backend": {"gcs": {}}}}),
    ("its state lives in HCP Terraform", {"terraform": {"cloud": {}}}),
]


@pytest.mark.parametrize(("why", "content"), ELSEWHERE)
def test_what_would_not_stay_on_the_embedded_aws_is_not_run(tmp_path: Path, why: str, content: Json) -> None:
    base, head = out(tmp_path / "base", stacks()), out(tmp_path / "head", {REGION: content, EDGE: stacks()[EDGE]})
    assert [line for stack in read_stacks(head) for line in objections(stack) if why in line]
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    with pytest.raises(Failure, match="runs nothing that does not stay on the embedded AWS") as caught:
        preview(base, head, [], cache, print)
    assert why in str(caught.value)


def test_states_and_zones_are_there_before_the_stacks(tmp_path: Path) -> None:
    zone = {"data": {"aws_route53_zone": {"z": {"name": "example.com.", "private_zone": False}}}}
    rest = {"resource": {"aws_api_gateway_rest_api": {"api": {"name": "a"}}}}
    found = {REGION: {**stacks()[REGION], **zone, **rest}}
    assert [str(each) for each in needed(read_stacks(out(tmp_path / "side", found)))] == [
        f"API logging role {ROLE} in us-east-1",
        "hosted zone example.com",
        "state bucket shop-state in us-east-1",
    ]


def test_a_state_in_a_file_of_this_machine_is_kept_elsewhere(tmp_path: Path) -> None:
    content = {
        "provider": {"aws": {"region": "us-east-1"}},
        "terraform": {"backend": {"local": {"path": "/home/me/terraform.shop.tfstate"}}},
        "data": {
            "terraform_remote_state": {
                "me": {"backend": "local", "config": {"path": "/home/me/terraform.shop.tfstate"}}
            }
        },
    }
    found = local_override(content, tmp_path)
    path = found["terraform"]["backend"]["local"]["path"]
    assert Path(path).parent == tmp_path
    assert found["data"]["terraform_remote_state"]["me"]["config"]["path"] == path
    assert found["provider"] == {"aws": [{"s3_use_path_style": True, "max_retries": 2}]}


def test_a_plan_is_found_again_for_the_same_contents_alone(tmp_path: Path) -> None:
    one, same = out(tmp_path / "one", stacks()), out(tmp_path / "same", stacks())
    other = out(tmp_path / "other", {**stacks(), REGION: {**stacks()[REGION], "output": {}}})
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    key = cache.key(EDGE, read_stacks(one), read_stacks(one))
    assert key == cache.key(EDGE, read_stacks(same), read_stacks(same))
    assert key != cache.key(EDGE, read_stacks(one), read_stacks(other))
    assert key != Cache(folder=tmp_path, terraform="1.12.0").key(EDGE, read_stacks(one), read_stacks(one))
    assert cache.read(key) is None
    cache.write(key, b"plan")
    assert cache.read(key) == b"plan"


def test_a_stack_whose_neighbour_changed_is_not_equal(tmp_path: Path) -> None:
    one = out(tmp_path / "one", stacks())
    other = out(tmp_path / "other", {**stacks(), REGION: {**stacks()[REGION], "output": {}}})
    old, new = ({stack.name: stack for stack in read_stacks(side)} for side in (one, other))
    cache = Cache(folder=tmp_path / "cache", terraform="1.11.4")
    assert [cache.is_equal(EDGE, old, each) for each in (old, new)] == [True, False]
    assert not cache.is_equal(EDGE, {}, new)
    assert json.loads((one / "manifest.json").read_text(encoding="utf-8"))["stacks"][EDGE]["dependencies"] == [REGION]
