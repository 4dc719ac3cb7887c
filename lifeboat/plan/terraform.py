"""Lets Terraform plan the stacks of a `cdktf.out`, in the order in which they are applied."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lifeboat.failure import Failure
from lifeboat.local.verify import errors, parse_messages
from lifeboat.plan.inspect import Inspection, Planned
from lifeboat.plan.read import parse_plan, show
from lifeboat.plan.sources import constructs
from lifeboat.stacks import Stack

CHANGES = 2
LINES_SHOWN = 20
SUFFIX = ".tfplan"
PRIVATE = 0o600
"""A plan file holds secrets in the clear."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How Terraform plans.

    Attributes:
        environment: Its whole environment.
        refresh: Whether it looks at what exists. Without, the plan compares with the state alone.
        lock_timeout: How long it waits for another run, in Terraform's words, such as `5m`.
        destroy: Whether it plans the destruction of everything.
        plans: Folder of the plan files.
        say: Prints one line to the person who waits.
    """

    environment: Mapping[str, str]
    refresh: bool
    lock_timeout: str
    destroy: bool
    plans: Path
    say: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class PlanFile:
    """A plan file that was made.

    Attributes:
        stack: Its stack.
        path: The file.
        digest: Its SHA-256.
    """

    stack: Stack
    path: Path
    digest: str


def plan_stacks(stacks: Sequence[Stack], options: Options, inspection: Inspection) -> list[PlanFile]:
    """Plan stacks one after the other; return the plan files, those of stacks that must wait left out.

    A stack that cannot be planned because a stack before it is not applied yet is told as such, and is no failure.

    Raises:
        Failure: A stack cannot be initialized, or cannot be planned although nothing before it changes.
    """
    pending: set[str] = set()
    files: list[PlanFile] = []
    options.plans.mkdir(parents=True, exist_ok=True)
    for stack in reversed(stacks) if options.destroy else stacks:
        waits = tuple(each for each in stack.dependencies if each in pending)
        initialize(stack, options.environment, options.say)
        path = options.plans / f"{stack.name}{SUFFIX}"
        said = _plan(stack, path, options)
        if said and not (waits and not options.destroy):
            raise Failure("\n".join([f"{stack.name} cannot be planned:", *said]))
        if said:
            notes = ("Terraform says: " + " ".join(line.strip() for line in said[:1]),)
            planned = Planned(stack=stack.name, plan=None, depends_on=stack.dependencies, waits_for=waits, notes=notes)
            options.say(f"  {stack.name}: cannot be planned before {', '.join(waits)}")
        else:
            file = PlanFile(stack=stack, path=path, digest=digest_of(path))
            files.append(file)
            planned = _planned(file)
        section = inspection.add(planned)
        if section.changes or section.outputs or section.deferred or section.waits_for:
            pending.add(stack.name)
    return files


def initialize(stack: Stack, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Run `terraform init` in a stack's folder, unless it is initialized for exactly this backend.

    Raises:
        Failure: It does not work.
    """
    for arguments in (["-input=false", "-no-color"], ["-input=false", "-no-color", "-reconfigure"]):
        done = run(["init", *arguments], stack.folder, environment)
        if not done.returncode:
            return
        if "-reconfigure" not in done.stdout + done.stderr:
            break
        say(f"  {stack.name}: its backend was another one; initializing again")
    raise Failure("\n".join([f"{stack.name} cannot be initialized:", *tail(done.stdout + done.stderr)]))


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Terraform.

    Raises:
        Failure: It is not on the PATH.
    """
    terraform = shutil.which("terraform", path=environment.get("PATH"))
    if terraform is None:
        raise Failure("terraform is not on the PATH: install it, or hand over plan files as JSON")
    return subprocess.run(  # noqa: S603 found by name on the user's own PATH
        [terraform, *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def planned_state(path: Path) -> tuple[str, int]:
    """Return lineage and serial of the state on which a plan was made.

    Raises:
        Failure: It is no plan file of Terraform.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read("tfstate"))
        return str(found.get("lineage", "")), int(found.get("serial", 0))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError):
        raise Failure(f"{path}: is no plan file of Terraform") from None


def tail(text: str) -> Iterator[str]:
    """Yield the last lines that say something."""
    yield from [f"  {line}" for line in text.splitlines() if line.strip()][-LINES_SHOWN:]


def _planned(file: PlanFile) -> Planned:
    """Return the plan of a file; the bytes are not needed any longer."""
    return Planned(
        stack=file.stack.name,
        plan=parse_plan(show(file.path, file.stack.folder), str(file.path)),
        depends_on=file.stack.dependencies,
        constructs=constructs(file.stack.folder / "cdk.tf.json"),
        digest=file.digest,
    )


def _plan(stack: Stack, path: Path, options: Options) -> list[str]:
    """Plan a stack into a file; return what Terraform complains about, if it does."""
    done = run(
        [
            "plan",
            "-json",
            "-input=false",
            "-detailed-exitcode",
            f"-lock-timeout={options.lock_timeout}",
            f"-refresh={str(options.refresh).lower()}",
            *(["-destroy"] if options.destroy else []),
            f"-out={path.absolute()}",
        ],
        stack.folder,
        options.environment,
    )
    if done.returncode not in {0, CHANGES}:
        path.unlink(missing_ok=True)  # Terraform writes one even then, which nobody must apply
        found = errors(parse_messages(done.stdout))
        return found if done.stdout else [*tail(done.stderr)]
    path.chmod(PRIVATE)
    options.say(f"  {stack.name}: planned")
    return []
