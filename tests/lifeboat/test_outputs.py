from __future__ import annotations

import json
from pathlib import Path

import pytest

from lifeboat.failure import Failure
from lifeboat.outputs import flatten, read_flat, read_outputs, write_outputs

FOUND: dict[str, dict[str, object]] = {
    "shop-dev-us-east-1": {"region": "us-east-1", "vpc_id": "vpc-1", "cross-stack-output-aws_kms_key": "arn"},
    "shop-dev-us-west-2": {"region": "us-west-2", "vpc_id": "vpc-2"},
    "shop-dev-global": {"hostname": "shop-dev.example.com", "regions": ["us-east-1", "us-west-2"]},
}


def test_regional_outputs_carry_their_region_and_global_ones_stay_as_they_are() -> None:
    assert flatten(FOUND) == {
        "us_east_1_region": "us-east-1",
        "us_east_1_vpc_id": "vpc-1",
        "us_west_2_region": "us-west-2",
        "us_west_2_vpc_id": "vpc-2",
        "hostname": "shop-dev.example.com",
        "regions": ["us-east-1", "us-west-2"],
    }


def test_two_outputs_of_one_flat_name_are_an_error() -> None:
    with pytest.raises(Failure, match=r"two outputs are called hostname when flat, the second in b"):
        flatten({"a": {"hostname": "x"}, "b": {"hostname": "y"}})


def test_both_files_are_written_without_what_cdktf_keeps_for_itself(tmp_path: Path) -> None:
    write_outputs(FOUND, tmp_path / "new")
    assert json.loads((tmp_path / "new" / "outputs.json").read_text())["shop-dev-us-east-1"] == {
        "region": "us-east-1",
        "vpc_id": "vpc-1",
    }
    assert read_flat(tmp_path / "new" / "flat-outputs.json")["us_west_2_vpc_id"] == "vpc-2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is not JSON"),
        ("[]", "is not what `cdktf deploy --outputs-file` writes"),
        ('{"stack": "text"}', "is not what `cdktf deploy --outputs-file` writes"),
    ],
)
def test_a_file_that_is_no_outputs_file_is_named(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "outputs.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Failure, match=message):
        read_outputs(path)


def test_flat_outputs_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"none\.json: is not readable"):
        read_flat(tmp_path / "none.json")
