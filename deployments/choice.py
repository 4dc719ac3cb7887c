"""Which deployments are meant, for which environment: `DEPLOYMENT` and `ENVIRONMENT_SUFFIX`, or cdktf's context."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from deployments.load import known, load, path_of
from deployments.problems import Problem, ProblemsError
from deployments.system import System

PROJECT = Path(__file__).parent.parent


def context(environment: Mapping[str, str], project: Path = PROJECT) -> dict[str, object]:
    """Read cdktf's context: what its command line passes on, else what `cdktf.json` says.

    Raises:
        ProblemsError: Neither is a JSON object.
    """
    passed = environment.get("CDKTF_CONTEXT_JSON")
    where = "CDKTF_CONTEXT_JSON" if passed else "cdktf.json"
    try:
        if passed:
            found = json.loads(passed)
        else:
            found = json.loads((project / "cdktf.json").read_text(encoding="utf-8")).get("context", {})
    except (OSError, ValueError, AttributeError) as error:
        raise ProblemsError.one(where, "is not a JSON object", found=str(error)) from None
    if not isinstance(found, dict):
        raise ProblemsError.one(where, "is not a JSON object", found=type(found).__name__)
    return found


def chosen_names(environment: Mapping[str, str], project: Path = PROJECT) -> list[str]:
    """Return the names asked for, in order, each once. `all` stands for every deployment of the project.

    Raises:
        ProblemsError: No name is given.
    """
    text = environment.get("DEPLOYMENT") or str(context(environment, project).get("deployment", ""))
    names = [name for name in re.split(r"[\s,]+", text) if name]
    if not names:
        raise ProblemsError.one("DEPLOYMENT", "names no deployment", allowed=", ".join([*known(), "all"]))
    return list(dict.fromkeys(each for name in names for each in (known() if name == "all" else [name])))


def chosen_suffix(environment: Mapping[str, str], project: Path = PROJECT) -> str:
    """Return the environment suffix asked for.

    Raises:
        ProblemsError: None is given: there is no silent default.
    """
    suffix = environment.get("ENVIRONMENT_SUFFIX") or str(context(environment, project).get("environmentSuffix", ""))
    if not suffix:
        raise ProblemsError.one("ENVIRONMENT_SUFFIX", "is not set", allowed="a stage of the deployment, such as dev")
    return suffix


def chosen_systems(environment: Mapping[str, str], project: Path = PROJECT) -> list[System]:
    """Load what was asked for.

    Raises:
        ProblemsError: With the problems of all deployments at once.
    """
    suffix = chosen_suffix(environment, project)
    systems: list[System] = []
    problems: list[Problem] = []
    for name in chosen_names(environment, project):
        try:
            systems.append(load(path_of(name), suffix))
        except ProblemsError as error:
            problems += error.problems
    if problems:
        raise ProblemsError(dict.fromkeys(problems))
    return systems
