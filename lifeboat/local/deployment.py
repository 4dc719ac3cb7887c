"""Deploy a copy onto the embedded AWS and destroy it: the same cdktf, the same JSON, another environment."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deployments.system import System
from lifeboat.bootstrap import Clients
from lifeboat.failure import Failure
from lifeboat.local import progress as words
from lifeboat.local.claim import Claim
from lifeboat.local.context import Local
from lifeboat.local.overrides import write_override
from lifeboat.local.progress import Progress
from lifeboat.local.server import died
from lifeboat.local.states import Lock, locks, remove_lock
from lifeboat.local.tool import Result, run_tool
from lifeboat.outputs import read_outputs, write_outputs
from lifeboat.stacks import Stack, read_stacks
from lifeboat.toolchain import cdktf

PARALLELISM = 20
"""Most resources only wait: twice Terraform's default shortens a deploy, more does not."""
ERRORS_SHOWN = 10
LINES_SHOWN = 20


class OrphansError(Failure):
    """Resources exist that no state knows."""


def deploy(local: Local, system: System, claim: Claim, clients: Clients) -> Path:
    """Synthesize a copy, deploy it, write its outputs; return the folder of the outputs.

    Raises:
        OrphansError: A resource exists already, and the run before this one was killed.
        Failure: It did not work; the message holds the errors that matter.
    """
    copy = system.names.prefix
    stacks = synth(local, system)
    clear_locks(local, claim, clients, stacks)
    raw = local.workspace.outputs(copy) / "raw.json"
    raw.parent.mkdir(parents=True, exist_ok=True)
    _run(local, claim, clients, stacks, ["deploy", "*", "--outputs-file", str(raw)])
    write_outputs(read_outputs(raw), raw.parent)
    raw.unlink()
    return raw.parent


def destroy(local: Local, system: System, claim: Claim, clients: Clients) -> None:
    """Destroy a copy as it was deployed, even if its description has changed since.

    Raises:
        Failure: It did not work; the message holds the errors that matter.
    """
    copy = system.names.prefix
    try:
        stacks = read_stacks(local.out(system))
        for stack in stacks:
            write_override(stack)
    except Failure:
        stacks = synth(local, system)
    clear_locks(local, claim, clients, stacks)
    _run(local, claim, clients, stacks, ["destroy", "*"])
    for file in local.workspace.outputs(copy).glob("*.json"):
        file.unlink()
    with suppress(OSError):  # somebody else's file is in it: not ours to remove
        local.workspace.outputs(copy).rmdir()


def synth(local: Local, system: System) -> list[Stack]:
    """Synthesize a copy with the pinned cdktf, and put the override file beside each stack.

    Raises:
        Failure: Synthesis fails.
    """
    copy, out = system.names.prefix, local.out(system)
    log = local.workspace.log(f"{copy}-synth")
    lines: list[str] = []
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)  # cdktf makes the last folder of a path only
    result = run_tool(
        [cdktf(local.workspace.project), "synth", "--output", out],
        folder=local.workspace.project,
        environment=local.synth_environment(system),
        log=log,
        hear=lambda line: lines.append(words.plain(line)),
        began=lambda _: None,
        say=local.say,
    )
    if result.code or result.interruptions:
        shown = [line for line in lines if line and not words.SPINNER.match(line)][-LINES_SHOWN:]
        raise Failure("\n".join(["synthesis failed:", *shown, f"the full log is {local.log_name(log)}"]))
    stacks = read_stacks(out)
    for stack in stacks:
        write_override(stack)
    local.say(f"  synthesized {len(stacks)} stacks in {time.monotonic() - began:.0f} s")
    return stacks


def clear_locks(local: Local, claim: Claim, clients: Clients, stacks: list[Stack]) -> None:
    """Remove the locks that a killed run left; a lock that anybody else holds is not touched.

    Raises:
        Failure: A stack is locked by another run.
    """
    for lock in locks(clients, stacks):
        if claim.after and _is_of(claim.after, lock):
            local.say(f"  removing the lock that the killed {claim.after} left on {lock.stack}")
            remove_lock(clients, lock)
            continue
        raise Failure(
            f"{lock}: wait for that run; if you know that it is gone, free the stack with"
            f" `terraform -chdir={local.log_name(_folder(stacks, lock))} force-unlock {lock.id}`"
        )


def _is_of(dead: Claim, lock: Lock) -> bool:
    """Whether a lock was made by a run, of which it is known that it is dead."""
    return lock.created is None or lock.created.timestamp() >= dead.since.timestamp()


def _folder(stacks: list[Stack], lock: Lock) -> Path:
    return next(stack.folder for stack in stacks if stack.name == lock.stack)


def _run(local: Local, claim: Claim, clients: Clients, stacks: list[Stack], command: list[str]) -> None:
    """Run cdktf on the synthesized stacks of a copy."""
    log = local.workspace.log(f"{claim.copy}-{claim.action}")
    progress = Progress([stack.name for stack in stacks], local.say)
    out = stacks[0].folder.parent.parent
    result = run_tool(
        [
            cdktf(local.workspace.project),
            *command,
            "--output",
            out,
            "--auto-approve",
            "--skip-synth",
            "--skip-provider-lock",
            "--parallelism",
            "1",
            "--terraform-parallelism",
            str(PARALLELISM),
        ],
        folder=local.workspace.project,
        environment=local.environment,
        log=log,
        hear=progress.feed,
        began=claim.begin,
        say=local.say,
    )
    if result.code == 0 and not result.interruptions:
        return
    if local.server.answers():
        _look_for_locks(claim, clients, stacks)
    raise _failure(local, claim, result, progress, log)


def _look_for_locks(claim: Claim, clients: Clients, stacks: list[Stack]) -> None:
    """See whether Terraform was killed: then the record stays, and the next run cleans up."""
    with suppress(Failure):
        claim.keep = any(_is_of(claim, lock) for lock in locks(clients, stacks))


def _failure(local: Local, claim: Claim, result: Result, progress: Progress, log: Path) -> Failure:
    """Say in one message why a run failed."""
    if not local.server.process.alive:
        return Failure(died(local.server, local.workspace))
    full = f"the full log is {local.log_name(log)}"
    if result.interruptions:
        return Failure(f"the {claim.action} of {claim.copy} was stopped; the next one goes on from there; {full}")
    parts = [f"the {claim.action} of {claim.copy} failed", *progress.errors[:ERRORS_SHOWN]]
    hidden = len(progress.errors) - ERRORS_SHOWN
    parts += [f"and {hidden} more errors"] if hidden > 0 else []
    parts += _own_faults(local)
    parts += _advice(claim, progress) or ([] if progress.errors else _last_lines(log))
    kind: Callable[[str], Failure] = Failure
    if claim.after and progress.says(words.EXISTS):
        kind = OrphansError
    return kind("\n\n".join([*parts, full]))


def _own_faults(local: Local) -> list[str]:
    """Tell faults of the embedded AWS itself, which may be the cause of what Terraform was told."""
    faults = local.server.failures()[-ERRORS_SHOWN:]
    return ["\n  ".join(["the embedded AWS itself failed, or was asked again:", *faults])] if faults else []


def _advice(claim: Claim, progress: Progress) -> list[str]:
    """Say what to do about errors whose cause is known."""
    if claim.keep:
        return [f"Terraform was killed and left its lock: the next `lifeboat local {claim.action}` cleans up"]
    if progress.says(words.NO_PROVIDER):
        return ["Terraform cannot get the AWS provider: it needs the public registry, or a local provider mirror"]
    if progress.says(words.LOCKED):
        return ["another run took the lock meanwhile: wait for it"]
    return []


def _last_lines(log: Path) -> list[str]:
    lines = [words.plain(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return ["\n".join([line for line in lines if line][-LINES_SHOWN:])]
