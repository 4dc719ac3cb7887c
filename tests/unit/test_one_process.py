"""Many systems in one process: no construct keeps anything for the next one."""

from __future__ import annotations

import json
from pathlib import Path

from deployments.choice import chosen_systems
from deployments.load import known
from stacks import build, new_app
from tests.unit.conftest import Synthesize


def test_every_deployment_of_the_project_is_synthesized_in_one_app(tmp_path: Path) -> None:
    systems = chosen_systems({"DEPLOYMENT": "all", "ENVIRONMENT_SUFFIX": "dev"})
    app = new_app(str(tmp_path))
    for system in systems:
        build(app, system)
    app.synth()
    built = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["stacks"]
    expected = {
        system.names.stack(place) for system in systems for place in [*(plan.name for plan in system.regions), "global"]
    }
    assert set(built) == expected
    assert {system.spec.name for system in systems} >= {"ecommerce"}
    assert len(systems) == len(known())


def test_several_suffixes_are_synthesized_side_by_side_as_if_alone(synthesized: Synthesize, tmp_path: Path) -> None:
    app = new_app(str(tmp_path))
    for suffix in ("dev", "pr123", "prod"):
        build(app, synthesized(suffix).system)
    app.synth()
    for suffix in ("dev", "pr123", "prod"):
        for stack in synthesized(suffix).stacks.values():
            together = tmp_path / "stacks" / stack.file.parent.name / "cdk.tf.json"
            assert together.read_bytes() == stack.file.read_bytes()
