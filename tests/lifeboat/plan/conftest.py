"""One lab in which everything happens at once, made once: Terraform needs a second for it."""

from __future__ import annotations

import pytest

from lifeboat.plan.allowances import Guards
from lifeboat.plan.inspect import Planned, inspect
from lifeboat.plan.read import parse_plan
from lifeboat.report.model import Report
from tests.lifeboat.plan.lab import AFTER, BEFORE, PART, Lab


@pytest.fixture(scope="session")
def everything_shown(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What Terraform shows of a plan in which everything happens."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.write(PART, "part/main.tf")
    lab.apply(BEFORE)
    lab.run("taint", "terraform_data.tainted")
    return lab.show(lab.plan(AFTER, "-replace=terraform_data.asked"))


@pytest.fixture(scope="session")
def everything(everything_shown: bytes) -> Report:
    """Its report."""
    return inspect([Planned(stack="lab", plan=parse_plan(everything_shown, "lab"))], Guards())
