"""Load only the provider modules that are used.

The bindings' own `__init__` imports all of its 2,137 modules, which takes several times as long as a whole synth. A
package that is registered without being executed lets `from cdktf_cdktf_provider_aws.vpc import Vpc` load one module.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec

PROVIDER = "cdktf_cdktf_provider_aws"


def load_provider_lean() -> None:
    """Register the provider package without executing it. Does nothing where it is already imported."""
    if PROVIDER in sys.modules:
        return
    spec = find_spec(PROVIDER)
    if spec is None:
        raise ModuleNotFoundError(f"{PROVIDER} is not installed: run `make setup`", name=PROVIDER)
    sys.modules[PROVIDER] = module_from_spec(spec)
