"""Every gap of moto that the embedded AWS fills: one module per service, each with a tuple `GAPS`."""

from __future__ import annotations

import importlib
import pkgutil

from lifeboat.local.embedded.gap import Gap


def all_gaps() -> tuple[Gap, ...]:
    """Return the gaps of every module in this package, in the order of their names.

    A module is found by lying here: a new service needs a file and nothing else.
    """
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(gap for name in modules for gap in importlib.import_module(f"{__name__}.{name}").GAPS)


def fill_all() -> tuple[Gap, ...]:
    """Extend moto in this process with everything that `all_gaps` lists, once."""
    gaps = all_gaps()
    for gap in gaps:
        gap.fill()
    return gaps
