"""The plan that a pull request would cause, without credentials.

The base is deployed onto an embedded AWS of its own by real Terraform, and the head is planned on top. Stacks that read
one another are applied in order, so that each is planned on what the ones before it would leave.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lifeboat.bootstrap import bootstrap, connect
from lifeboat.failure import Failure
from lifeboat.local import server as servers
from lifeboat.local.context import pointed_at
from lifeboat.local.environment import local_environment
from lifeboat.local.overrides import FILE
from lifeboat.local.verify import errors, parse_messages
from lifeboat.review.cache import Cache
from lifeboat.review.surroundings import local_override, needed, objections
from lifeboat.stacks import Stack, read_stacks
from lifeboat.workspace import PROJECT, Workspace, write_json

PARALLELISM = 20
STATE = "terraform.tfstate"
NO_CHANGES = b""
PLAN_FILE = "preview.tfplan"

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the plans say.

    Attributes:
        plans: Stack to its plan as `terraform show -json` writes it; empty: nothing that it depends on changed.
        troubles: Stack to why there is no plan, or why what it plans could not be applied.
    """

    plans: dict[str, bytes] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)


def preview(base: Path, head: Path, wanted: Sequence[str], cache: Cache, say: Say) -> Preview:
    """Plan the head on top of the base.

    Args:
        base: The base's `cdktf.out`.
        head: The head's.
        wanted: The stacks to plan. Empty: all of them.
        cache: Where plans of the same contents are kept.
        say: Prints one line to the person who waits.

    Raises:
        Failure: The base cannot be deployed, a stack is unknown, or would do more than call AWS.
    """
    old, new = ({stack.name: stack for stack in read_stacks(out)} for out in (base, head))
    unknown = sorted({*wanted} - new.keys())
    if unknown:
        raise Failure(f"--stack: unknown: {', '.join(unknown)}; there are {', '.join(new) or 'none'}")
    chosen = [name for name in new if not wanted or name in wanted]
    keys = {name: cache.key(name, _with_those_before(name, old), _with_those_before(name, new)) for name in chosen}
    found = {name: NO_CHANGES if cache.is_equal(name, old, new) else cache.read(keys[name]) for name in chosen}
    missing = [name for name, plan in found.items() if plan is None]
    result = Preview(plans={name: plan for name, plan in found.items() if plan is not None})
    if missing:
        _run(old, new, missing, result, say)
        for name in missing:
            if name in result.plans:
                cache.write(keys[name], result.plans[name])
    elif any(found.values()):
        say("plan preview: kept from an earlier run with the same contents")
    return result


def _with_those_before(name: str, stacks: Mapping[str, Stack]) -> list[Stack]:
    """Return a stack and all that it depends on, in the order of deployment. Empty: there is no such stack."""
    needed_names: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in stacks and each not in needed_names:
            needed_names.add(each)
            waiting += stacks[each].dependencies
    return [stack for key, stack in stacks.items() if key in needed_names]


def _run(old: Mapping[str, Stack], new: Mapping[str, Stack], missing: Sequence[str], result: Preview, say: Say) -> None:
    deployed = {each.name: each for name in missing for each in _with_those_before(name, old)}
    planned = {each.name: each for name in missing for each in _with_those_before(name, new)}
    involved = [*deployed.values(), *planned.values()]
    wrong = [line for stack in involved for line in objections(stack)]
    if wrong:
        first = "the plan preview runs nothing that does not stay on the embedded AWS:"
        raise Failure("\n".join([first, *dict.fromkeys(wrong)]))
    with tempfile.TemporaryDirectory(prefix="lifeboat-preview-") as folder, _embedded_aws(Path(folder)) as url:
        runner = Runner(folder=Path(folder) / "stacks", environment=local_environment(os.environ, url), say=say)
        with pointed_at(url):
            bootstrap(connect(), needed(involved), dry_run=False)
        for stack in (stack for name, stack in old.items() if name in deployed):
            runner.deploy(stack)
        for stack in (stack for name, stack in new.items() if name in planned):
            is_read = any(stack.name in other.dependencies for other in planned.values())
            plan, trouble = runner.plan(stack, apply=is_read)
            if stack.name in missing and plan is not None:
                result.plans[stack.name] = plan
            if trouble:
                result.troubles[stack.name] = trouble


@contextmanager
def _embedded_aws(folder: Path) -> Iterator[str]:
    """Start an embedded AWS that nobody else uses."""
    workspace = Workspace(project=PROJECT, folder=folder / "embedded-aws")
    server = servers.start(workspace)
    try:
        yield server.url
    finally:
        servers.stop(workspace)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs Terraform on copies of stacks.

    Attributes:
        folder: Where the copies are: one folder per stack, base and head in turn, so that they share a state.
        environment: What leads Terraform to the embedded AWS.
        say: Prints one line to the person who waits.
    """

    folder: Path
    environment: dict[str, str]
    say: Say

    def deploy(self, stack: Stack) -> None:
        """Apply a stack of the base.

        Raises:
            Failure: It cannot be applied.
        """
        self.say(f"plan preview: deploying {stack.name} as the base has it")
        folder = self._place(stack)
        trouble = self._terraform(folder, "init", "-input=false", "-no-color") or self._terraform(
            folder, "apply", "-auto-approve", "-input=false", "-json", f"-parallelism={PARALLELISM}"
        )
        if trouble:
            raise Failure(f"the base's {stack.name} cannot be deployed on the embedded AWS:\n{trouble}")

    def plan(self, stack: Stack, *, apply: bool) -> tuple[bytes | None, str]:
        """Plan a stack of the head.

        Args:
            stack: The stack.
            apply: Whether another stack is planned on what it leaves.

        Returns:
            The plan, if there is one, and what went wrong, if anything did.
        """
        self.say(f"plan preview: planning {stack.name} as the head has it")
        folder = self._place(stack)
        trouble = self._terraform(folder, "init", "-reconfigure", "-input=false", "-no-color") or self._terraform(
            folder, "plan", "-input=false", "-json", "-lock=false", f"-parallelism={PARALLELISM}", f"-out={PLAN_FILE}"
        )
        if trouble:
            return None, f"it cannot be planned:\n{trouble}"
        shown = self._start(folder, "show", "-json", PLAN_FILE)
        if shown.returncode:
            return None, f"its plan cannot be shown: {shown.stderr.decode(errors='replace').strip()}"
        if apply:
            trouble = self._terraform(folder, "apply", "-input=false", "-json", PLAN_FILE)
            trouble = trouble and f"it is planned, but cannot be applied on the embedded AWS:\n{trouble}"
        return shown.stdout, trouble

    def _place(self, stack: Stack) -> Path:
        """Copy a stack into its folder; Terraform's own files and the state stay."""
        folder = self.folder / stack.name
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.name not in {".terraform", ".terraform.lock.hcl"} and not path.name.startswith(STATE):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        skipped = shutil.ignore_patterns(".terraform*", "*.tfstate*", FILE, "*.tfplan", "plan")
        shutil.copytree(stack.folder, folder, ignore=skipped, dirs_exist_ok=True)
        write_json(folder / FILE, local_override(stack.content, self.folder))
        return folder

    def _terraform(self, folder: Path, *arguments: str) -> str:
        """Run Terraform; return what went wrong, if anything did."""
        done = self._start(folder, *arguments)
        if done.returncode == 0:
            return ""
        if "-json" in arguments:
            return "\n".join(errors(parse_messages(done.stdout.decode(errors="replace"))))
        return (done.stderr or done.stdout).decode(errors="replace").strip()

    def _start(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 Terraform, with arguments of our own
            ["terraform", *arguments],  # noqa: S607 found on PATH like everywhere
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
