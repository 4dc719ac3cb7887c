"""`main.py` with the provider imported the stock way: the package's own `__init__` runs, and loads all of it."""

import runpy
import sys
from pathlib import Path

import cdktf_cdktf_provider_aws  # noqa: F401 importing it is what is measured

if __name__ == "__main__":
    main = Path(__file__).parents[2] / "main.py"
    sys.argv = [str(main)]
    sys.path.insert(0, str(main.parent))
    runpy.run_path(str(main), run_name="__main__")
