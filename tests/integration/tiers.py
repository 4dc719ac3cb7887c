"""Which skips are in order: those for a tier that the system's description does not ask for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from deployments.load import load, path_of
from deployments.model import Deployment

DEPLOYMENT, SUFFIX = "DEPLOYMENT", "ENVIRONMENT_SUFFIX"
MISSING = re.compile(r"output (?P<kind>[a-z]+)_?\w* is missing")

DESCRIBED: dict[str, Callable[[Deployment], object]] = {
    "api": lambda spec: spec.distribution,
    "audit": lambda spec: spec.audit,
    "backup": lambda spec: spec.backup,
    "bucket": lambda spec: spec.buckets,
    "cache": lambda spec: spec.cache,
    "container": lambda spec: spec.container,
    "database": lambda spec: spec.database or spec.instance,
    "dead": lambda spec: spec.service,
    "distribution": lambda spec: spec.distribution,
    "edge": lambda spec: spec.distribution,
    "file": lambda spec: spec.file_system,
    "firewall": lambda spec: spec.firewall,
    "function": lambda spec: spec.service,
    "global": lambda spec: spec.database,
    "instance": lambda spec: spec.instance,
    "load": lambda spec: spec.container or (spec.service and spec.service.entry == "alb"),
    "registry": lambda spec: spec.registry,
    "rest": lambda spec: spec.service and spec.service.entry == "rest-api",
    "rotation": lambda spec: spec.rotation,
    "table": lambda spec: spec.tables,
    "target": lambda spec: spec.container or (spec.service and spec.service.entry == "alb"),
    "trail": lambda spec: spec.audit,
}
"""Whether a description asks for what an output tells of, by the output's first word."""


def described() -> Deployment | None:
    """Return the description of the system under test. None: nobody said which it is, so no skip is in order."""
    name, suffix = os.environ.get(DEPLOYMENT), os.environ.get(SUFFIX)
    return load(path_of(name), suffix).spec if name and suffix else None


def is_in_order(reason: str, spec: Deployment | None) -> bool:
    """Whether a test was skipped because the description does not ask for what it tests."""
    said = MISSING.search(reason)
    ask = DESCRIBED.get(said["kind"]) if said else None
    return spec is not None and ask is not None and not ask(spec)
