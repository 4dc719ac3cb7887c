"""Where it is built: one stack class for every region, one global stack. Stacks compose; constructs create."""

from __future__ import annotations

import constructs_lib  # noqa: F401 loads the bindings lean, which must happen before they are imported

# isort: split
from cdktf import App

from deployments.system import System
from stacks.global_ import GlobalStack
from stacks.regional import RegionalStack


def new_app(outdir: str) -> App:
    """Make the app that the stacks are added to.

    Args:
        outdir: Folder for the synthesized stacks.
    """
    return App(outdir=outdir)


def build(app: App, system: System) -> GlobalStack:
    """Add the stacks of one system to an app, with the order in which they are deployed.

    The primary comes first, since the standbys join its Global Database by name; the global stack comes last.
    """
    regions: list[RegionalStack] = []
    for plan in system.regions:
        stack = RegionalStack(app, system=system, plan=plan)
        if regions:
            stack.add_dependency(regions[0])
        regions.append(stack)
    return GlobalStack(app, system=system, regions=regions)
