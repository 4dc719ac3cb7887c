"""`lifeboat evidence`: which card-data rules a deployment keeps, and which resources keep them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from deployments.problems import ProblemsError
from lifeboat.failure import Exit, Failure

SECONDS_TO_SYNTH = 600
LINES_SHOWN = 20


@click.command()
@click.argument("deployment", required=False)
@click.option("--suffix", help="Environment suffix. Absent: ENVIRONMENT_SUFFIX, else cdktf.json.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False),
    help="A cdktf.out to read. Absent: the deployment is synthesized afresh.",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="Absent: text.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file. Absent: print.")
def evidence(deployment: str | None, suffix: str | None, source: Path | None, form: str, output: Path | None) -> None:
    """List each card-data rule (PCI DSS) with the resources that keep it.

    Reads the synthesized configuration alone and calls nobody. Ends with 1 where a rule is not kept, naming the
    resource.
    """
    if source:
        _report(source.resolve().name, source, form, output)
        return
    choice = _choice(deployment, suffix)
    name = f"{choice['DEPLOYMENT']}-{choice['ENVIRONMENT_SUFFIX']}"
    with tempfile.TemporaryDirectory(prefix="lifeboat-evidence-") as folder:
        _report(name, _synthesize(Path(folder) / "cdktf.out", choice), form, output)


def _choice(deployment: str | None, suffix: str | None) -> dict[str, str]:
    """Work out which one copy is meant.

    Raises:
        ProblemsError: It does not exist, or several are.
    """
    from deployments.choice import chosen_names, chosen_suffix  # noqa: PLC0415 pydantic is not everybody's need
    from deployments.load import path_of  # noqa: PLC0415 with the above

    given = {"DEPLOYMENT": deployment, "ENVIRONMENT_SUFFIX": suffix}
    environment = {**os.environ, **{key: value for key, value in given.items() if value}}
    names = [path_of(name).stem for name in chosen_names(environment)]
    if len(names) != 1:
        raise ProblemsError.one("DEPLOYMENT", "evidence is given for one system", found=", ".join(names))
    return {"DEPLOYMENT": names[0], "ENVIRONMENT_SUFFIX": chosen_suffix(environment)}


def _synthesize(out: Path, choice: Mapping[str, str]) -> Path:
    """Synthesize in a process of its own: this room does not know how.

    Raises:
        Failure: It cannot be synthesized; the message is what the synthesis said.
    """
    from lifeboat.local.environment import child_environment  # noqa: PLC0415 only here
    from lifeboat.workspace import PROJECT  # noqa: PLC0415 only here

    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=PROJECT,
        env={**child_environment(os.environ), **choice, "CDKTF_OUTDIR": str(out)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_SYNTH,
    )
    if done.returncode:
        said = [line.removeprefix("error: ") for line in done.stderr.strip().splitlines()[-LINES_SHOWN:]]
        raise Failure("\n".join(said) or "it cannot be synthesized, and gave no reason")
    return out


def _report(name: str, out: Path, form: str, output: Path | None) -> None:
    from lifeboat.evidence import report  # noqa: PLC0415 only here
    from lifeboat.evidence.configuration import Configuration  # noqa: PLC0415 only here
    from lifeboat.evidence.rule import judge  # noqa: PLC0415 only here
    from lifeboat.evidence.rules import RULES  # noqa: PLC0415 only here
    from lifeboat.stacks import read_stacks  # noqa: PLC0415 only here

    verdicts = judge(RULES, Configuration(read_stacks(out)))
    writers = {"text": report.as_text, "markdown": report.as_markdown}
    text = report.as_json(name, verdicts) if form == "json" else "\n".join(writers[form](name, verdicts))
    if output:
        output.write_text(text + "\n", encoding="utf-8")
        click.echo(f"{report.summary(verdicts)}; written to {output}")
    else:
        click.echo(text)
    complaints = list(report.complaints(verdicts))
    if complaints:
        raise Failure("\n  ".join(["rules are not kept:", *complaints]), Exit.ERROR)
