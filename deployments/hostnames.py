"""Host names: what clients use, what belongs to one region, and what DNS and certificates allow them to be."""

from __future__ import annotations

from deployments.model import Deployment
from deployments.problems import Problem

LONGEST_LABEL = 63
"""https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html"""
LONGEST_COMMON_NAME = 64
"""First name of a certificate: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html"""


def hostname(spec: Deployment, suffix: str) -> str:
    """Return the name that clients use; failover records move it between regions."""
    host = spec.domain.host or spec.name
    return f"{host}-{suffix}.{spec.domain.zone}" if spec.domain.with_suffix else f"{host}.{spec.domain.zone}"


def entry_hostname(spec: Deployment, suffix: str) -> str:
    """Return the name of the service, which records move between regions: where content has a name, one below it."""
    name = hostname(spec, suffix)
    return f"api.{name}" if spec.distribution else name


def regional_hostname(spec: Deployment, suffix: str, region: str) -> str:
    """Return the region's own name, which health checks ask and failover never moves."""
    return f"{region}.{hostname(spec, suffix)}"


def hostname_problems(spec: Deployment, suffix: str) -> list[Problem]:
    """List the names that are too long (keys only; the caller knows the file). Empty: the names can be used."""
    if spec.health_path is None and spec.distribution is None:
        return []
    regions = spec.regions if spec.health_path else ()
    names = [regional_hostname(spec, suffix, region.name) for region in regions] + [hostname(spec, suffix)]
    longest = max(names, key=len)
    label = hostname(spec, suffix).partition(".")[0]
    problems = []
    if len(label) > LONGEST_LABEL:
        problems.append(_too_long("domain.host", "is too long with the suffix behind it", label, LONGEST_LABEL))
    if len(longest) > LONGEST_COMMON_NAME:
        what = "makes a region's name longer than a certificate's may be"
        problems.append(_too_long("domain", what, longest, LONGEST_COMMON_NAME))
    return problems


def _too_long(key: str, what: str, name: str, most: int) -> Problem:
    return Problem(where="", key=key, what=what, found=f"{name}, {len(name)} characters", allowed=f"{most} characters")
