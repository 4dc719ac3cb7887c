"""Types and ranges: pydantic's errors turned into problems, and a mended copy so that the rules can still speak.

All problems are reported at once. A rule between tables needs a valid description, so where single values are wrong
they are taken out, the rest is validated again, and the rules judge that.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployments.model import Deployment
from deployments.problems import Problem
from deployments.stages import TomlTable

LONGEST_SHOWN = 80
"""Characters of a value in a message."""
ROUNDS = 4
"""How often a description is mended: taking out a value can leave its table without a required one, and so on up."""

STAND_INS: dict[str, Any] = {
    "name": "a-name",
    "strategy": "warm-standby",
    "objectives": {"rto_seconds": 86400, "rpo_seconds": 86400},
    "domain": {"zone": "example.com"},
    "state": {"bucket_prefix": "state"},
    "regions": [{"name": "us-east-1"}, {"name": "us-west-2"}],
    "alarms": {"runbook_url": "https://runbooks.example.com"},
}
"""Valid values for what a description must have. They let the rules run; nothing is ever built from them."""

Location = tuple[int | str, ...]


def validate(table: TomlTable) -> tuple[Deployment | None, list[Problem]]:
    """Check types and ranges.

    Returns:
        The description and no problems; or a mended description for the rules (None if it cannot be mended) and the
        problems. A mended description is never built: the caller raises.
    """
    try:
        return Deployment.model_validate(table), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    return _mended(table, errors), [_problem(details) for details in errors]


def _mended(table: TomlTable, errors: Sequence[ErrorDetails]) -> Deployment | None:
    mended = copy.deepcopy(table)
    for _ in range(ROUNDS):
        for details in sorted(errors, key=lambda each: str(each["loc"]), reverse=True):
            _take_out(mended, details)
        try:
            return Deployment.model_validate(mended)
        except ValidationError as error:
            errors = error.errors(include_url=False)
    return None


def _take_out(table: TomlTable, details: ErrorDetails) -> None:
    """Remove the value at fault; for a missing one, the table that lacks it."""
    path = list(_path(details))
    if details["type"] == "missing" and len(path) > 1:
        path = path[:-1]
    if len(path) == 1 and path[0] in STAND_INS:
        table[str(path[0])] = copy.deepcopy(STAND_INS[str(path[0])])
        return
    holder: Any = table
    for part in path[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
    elif isinstance(holder, list) and isinstance(path[-1], int) and path[-1] < len(holder):
        del holder[path[-1]]


def _path(details: ErrorDetails) -> Location:
    """Return where the value is; pydantic marks a wrong key with one part more. An unknown key is itself the place."""
    location: Location = details["loc"]
    is_key = details["type"] != "extra_forbidden" and location[-1:] == ("[key]",)
    return location[:-1] if is_key else location


def _problem(details: ErrorDetails) -> Problem:
    path = _path(details)
    key = ".".join(str(part) for part in path)
    if details["type"] == "extra_forbidden":
        return _unknown_key(key, path)
    if details["type"] == "missing":
        return Problem(where="", key=key, what="is missing", allowed=_meaning(path))
    context = details.get("ctx", {})
    found = _shown(details["input"])
    if details["type"] == "string_pattern_mismatch":
        form = _meaning(path) or f"text that matches {context['pattern']}"
        return Problem(where="", key=key, what="is not of the right form", found=found, allowed=form)
    allowed = str(context.get("expected", "")) or _range(context)
    message = details["msg"].removeprefix("Value error, ")
    return Problem(where="", key=key, what=message[:1].lower() + message[1:], found=found, allowed=allowed)


def _shown(value: object) -> str:
    """Show a value as it was written, as far as a line of output allows for."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python prints no number of thousands of digits
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _unknown_key(key: str, path: Location) -> Problem:
    model = _model_at(path[:-1])
    names = sorted(model.model_fields) if model else []
    near = get_close_matches(str(path[-1]), names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    return Problem(where="", key=key, what="unknown key", allowed=f"{hint}Known: {', '.join(names)}")


def _range(context: dict[str, Any]) -> str:
    words = {
        "ge": "at least",
        "le": "at most",
        "multiple_of": "multiples of",
        "min_length": "at least this long:",
        "max_length": "at most this long:",
    }
    return " and ".join(f"{word} {context[name]}" for name, word in words.items() if name in context)


def _meaning(path: Location) -> str:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    return (field.description or "") if field else ""


def _model_at(path: Location) -> type[BaseModel] | None:
    """Find the class that describes the table at a path."""
    annotation: Any = Deployment
    for part in path:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(part))
            annotation = field.annotation if field else None
        else:  # a list's or a table's element
            annotation = _element(annotation)
        annotation = _without_none(annotation)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _element(annotation: Any) -> Any:  # noqa: ANN401 a type annotation has no narrower type
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    return arguments[-1] if arguments else None


def _without_none(annotation: Any) -> Any:  # noqa: ANN401 a type annotation has no narrower type
    models = [each for each in get_args(annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
    is_optional = type(None) in get_args(annotation)
    return models[0] if is_optional and models else annotation
