"""Load only what is used of the provider bindings, and check types once.

The bindings' own `__init__` imports all of its 2,137 modules, which takes several times as long as a whole synth. A
package that is registered without being executed lets `from cdktf_cdktf_provider_aws.vpc import Vpc` load one module.

Node, which does the work behind the bindings, compiles all of those modules, too, before the first resource is made.
The package brings an index that compiles a module when it is asked for, and `lean.cjs` makes Node take that one.

The bindings also evaluate the annotations of every constructor for each resource, to check its arguments at run
time. mypy has checked them before, and the other side of the bindings does so again: `docs/decisions/0006-speed.md`.
"""

from __future__ import annotations

import os
import sys
import typing
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

PROVIDER = "cdktf_cdktf_provider_aws"
NODE = Path(__file__).with_suffix(".cjs")
NODE_OPTIONS = "NODE_OPTIONS"
"""What Node reads its flags from: https://nodejs.org/docs/latest-v22.x/api/cli.html#node_optionsoptions"""
STUB = "_typecheckingstub__"
"""What the bindings call the functions that exist for their annotations only."""


def start_node_lean() -> None:
    """Start Node with the lazy index. Does nothing where Node runs already; what starts later gets no flag of this."""
    if "constructs" in sys.modules:
        return
    given = os.environ.get(NODE_OPTIONS)
    quoted = str(NODE).replace("\\", "\\\\").replace('"', '\\"')
    os.environ[NODE_OPTIONS] = f'{given or ""} --require "{quoted}"'.lstrip()
    try:
        import_module("constructs")  # the first that needs Node, and starts it
    finally:
        del os.environ[NODE_OPTIONS]
        if given is not None:
            os.environ[NODE_OPTIONS] = given


class _Unchecked(dict[str, Any]):
    """The annotations of something that is not checked again."""

    def __missing__(self, name: str) -> object:
        return Any


def load_provider_lean() -> None:
    """Register the provider package without executing it. Does nothing where it is already imported."""
    if PROVIDER in sys.modules:
        return
    spec = find_spec(PROVIDER)
    if spec is None:
        raise ModuleNotFoundError(f"{PROVIDER} is not installed: run `make setup`", name=PROVIDER)
    sys.modules[PROVIDER] = module_from_spec(spec)


def trust_checked_types() -> None:
    """Let the bindings take arguments as mypy found them. Everybody else's annotations are evaluated as ever."""
    evaluate = typing.get_type_hints

    def get_type_hints(obj: Any, *args: Any, **options: Any) -> dict[str, Any]:  # noqa: ANN401 typing's own signature
        if getattr(obj, "__name__", "").startswith(STUB):
            return _Unchecked()
        return evaluate(obj, *args, **options)

    typing.get_type_hints = get_type_hints
