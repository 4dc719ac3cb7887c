"""Synthesize Terraform JSON: read what is asked for, build its stacks, write them."""

import atexit
import os
import sys
from pathlib import Path

from deployments.choice import chosen_systems
from deployments.problems import ProblemsError

PROJECT = Path(__file__).parent


def main() -> int:
    """Synthesize the chosen deployments into `cdktf.out` (or `CDKTF_OUTDIR`).

    Returns:
        0, or 1 when the input has problems. They are printed, and nothing is written.
    """
    try:
        systems = chosen_systems(os.environ)
        # Only now: loading the provider takes far longer than finding out that the input is wrong.
        from stacks import build, new_app  # noqa: PLC0415 see above

        app = new_app(os.environ.get("CDKTF_OUTDIR") or str(PROJECT / "cdktf.out"))
        for system in systems:
            build(app, system)  # a function's folder is part of the input, too
    except ProblemsError as error:
        print(error, file=sys.stderr)  # noqa: T201 this is the program's output
        return 1
    app.synth()
    return 0


if __name__ == "__main__":
    code = main()
    atexit._run_exitfuncs()  # noqa: SLF001 ends Node; all that is left is to take modules apart, which takes longer
    os._exit(code)
