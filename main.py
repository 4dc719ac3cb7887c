"""Synthesize Terraform JSON: read what is asked for, build its stacks, write them."""

import atexit
import gc
import os
import sys
import threading
from importlib import import_module
from pathlib import Path


def main() -> int:
    """Synthesize the chosen deployments into `cdktf.out` (or `CDKTF_OUTDIR`).

    Returns 0, or 1 when the input has problems. They are printed, and nothing is written.
    """
    # The bindings wait for another process while they load. Reading and checking descriptions fits into that time.
    bindings = threading.Thread(target=import_module, args=("constructs_lib.bindings",), daemon=True)
    bindings.start()
    from deployments.choice import chosen_systems  # noqa: PLC0415 see above
    from deployments.problems import ProblemsError  # noqa: PLC0415 see above

    try:
        systems = chosen_systems(os.environ)
        bindings.join()
        from stacks import build, new_app  # noqa: PLC0415 loads the provider, which wrong input does not wait for

        app = new_app(os.environ.get("CDKTF_OUTDIR") or str(Path(__file__).parent / "cdktf.out"))
        for system in systems:
            build(app, system)  # a function's folder is part of the input, too
    except ProblemsError as error:
        print(error, file=sys.stderr)  # noqa: T201 this is the program's output
        return 1
    app.synth()
    return atexit._run_exitfuncs() or 0  # type: ignore[func-returns-value] # noqa: SLF001 ends Node; modules just end


if __name__ == "__main__":
    gc.disable()  # it lives for seconds, and what it makes lives as long as it does
    os._exit(main())
