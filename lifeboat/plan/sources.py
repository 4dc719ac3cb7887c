"""Where plans come from: files that are named, or all stacks of a `cdktf.out` that Terraform plans now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from deployments.problems import Problem, ProblemsError
from lifeboat.failure import Failure
from lifeboat.plan.inspect import Planned
from lifeboat.plan.read import STDIN, read_plan
from lifeboat.stacks import Stack, read_stacks

MEANINGLESS = {"plan", "tfplan", "lifeboat", "out", "planfile", "terraform"}
"""Names of plan files that say nothing about their stack: their folder does."""


class Metadata(msgspec.Struct, frozen=True):
    """What cdktf remembers of the construct that made a resource."""

    path: str = ""


class Comment(msgspec.Struct, frozen=True):
    """What cdktf writes under `//`."""

    metadata: Metadata = Metadata()


class Block(msgspec.Struct, frozen=True, rename={"comment": "//"}):
    """A resource in a stack's JSON."""

    comment: Comment = Comment()


class StackFile(msgspec.Struct, frozen=True):
    """A stack's JSON, as far as it tells which construct made what."""

    resource: dict[str, dict[str, Block]] = {}
    data: dict[str, dict[str, Block]] = {}


def given(arguments: Sequence[str], out: Path) -> list[tuple[str, str]]:
    """Return stack and file of the plans that are named, in the order in which they are applied.

    Args:
        arguments: Files, or `STACK=FILE`.
        out: A `cdktf.out`, which says in which order. Absent there: the order in which they are named.

    Raises:
        ProblemsError: Two are of one stack.
    """
    order = {name: number for number, name in enumerate(known_stacks(out))}
    named = [_named(argument, order) for argument in arguments]
    problems = []
    seen: dict[str, str] = {}
    for stack, file in named:
        if stack in seen:
            problems.append(
                Problem(
                    where=file,
                    what="is a second plan of one stack",
                    found=f"{stack}, also {seen[stack]}",
                    allowed="one plan per stack; where the files do not tell them apart: STACK=FILE",
                )
            )
        seen.setdefault(stack, file)
    if problems:
        raise ProblemsError(problems)
    return sorted(named, key=lambda each: order.get(each[0], len(order)))


def known_stacks(out: Path) -> Mapping[str, Stack]:
    """Return the stacks of a `cdktf.out` in the order of deployment; none where there is no such folder."""
    if not (out / "manifest.json").exists():
        return {}
    return {stack.name: stack for stack in read_stacks(out)}


def read_all(named: Sequence[tuple[str, str]], out: Path) -> Iterator[Planned]:
    """Read plans one by one.

    Raises:
        ProblemsError: One cannot be read.
    """
    known = known_stacks(out)
    for name, file in named:
        stack = known.get(name)
        yield Planned(
            stack=name,
            plan=read_plan(file),
            depends_on=stack.dependencies if stack else (),
            constructs=constructs(stack.folder / "cdk.tf.json") if stack else {},
        )


def constructs(path: Path) -> dict[str, str]:
    """Return the construct that made each resource of a stack, by address. Empty where the file does not tell."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=StackFile)
    except (OSError, msgspec.DecodeError):
        return {}
    return {
        f"{prefix}{type_}.{name}": block.comment.metadata.path
        for prefix, blocks in (("", found.resource), ("data.", found.data))
        for type_, named in blocks.items()
        for name, block in named.items()
        if block.comment.metadata.path
    }


def chosen(stacks: Sequence[Stack], names: Sequence[str]) -> list[Stack]:
    """Return the stacks that are asked for. None asked for: all of them.

    Raises:
        Failure: One does not exist.
    """
    known = {stack.name for stack in stacks}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Failure(f"unknown stack {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return [stack for stack in stacks if not names or stack.name in names]


def _named(argument: str, known: Mapping[str, int]) -> tuple[str, str]:
    stack, equals, file = argument.partition("=")
    if equals and stack and not Path(argument).exists():
        return stack, file
    if argument == STDIN:
        return "stdin", argument
    path = Path(argument)
    name = path.name.removesuffix(".json").removesuffix(".tfplan").removesuffix(".plan") or path.name
    folder = path.absolute().parent.name
    if name in known:
        return name, argument
    return (folder if name in MEANINGLESS or folder in known else name), argument
