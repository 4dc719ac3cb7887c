"""The public zone: whether it exists, and whether the world finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deployments.system import System
from lifeboat.failover.clients import Clients
from lifeboat.preflight.findings import Finding, Level

GLOBAL = "global"
RESOLVE_SECONDS = 5.0
Ask = Callable[[str], set[str]]
"""Asks the public DNS for the name servers of a zone. Empty: nobody delegates to it."""


def public_name_servers(name: str) -> set[str]:
    """Ask the machine's own resolver.

    Raises:
        OSError: There is no answer in time.
    """
    from dns.exception import DNSException  # noqa: PLC0415 loaded where the world is asked
    from dns.resolver import NXDOMAIN, NoAnswer, resolve  # noqa: PLC0415 as above

    try:
        answer = resolve(name, "NS", lifetime=RESOLVE_SECONDS)
    except (NXDOMAIN, NoAnswer):
        return set()
    except DNSException as error:
        raise OSError(str(error)) from None
    return {str(each.target) for each in answer}


def zone(clients: Clients, system: System, ask: Ask | None = None) -> Iterator[Finding]:
    """See that the zone exists once, and that its parent delegates to it.

    Args:
        clients: Clients of AWS.
        system: Whose zone.
        ask: Asks the public DNS. None: the zone is not one that the world could find, as on the embedded AWS.
    """
    route53, name = clients("route53", system.primary.name), system.spec.domain.zone
    found = route53.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    own = [
        each
        for each in found
        if each["Name"].rstrip(".") == name and not each.get("Config", {}).get("PrivateZone", False)
    ]
    if not own:
        yield _finding(name, Level.PROBLEM, "missing", "lifeboat bootstrap --yes")
        return
    if len(own) > 1:
        told = f"{len(own)} public zones have this name: only one is delegated to"
        yield _finding(name, Level.PROBLEM, told, "delete the others")
    servers = {_plain(each) for each in route53.get_hosted_zone(Id=own[0]["Id"])["DelegationSet"]["NameServers"]}
    if ask is None:
        yield _finding(name, Level.OK, f"there; its parent must delegate to {_listed(servers)}")
        return
    yield _delegation(name, servers, ask)


def _delegation(name: str, servers: set[str], ask: Ask) -> Finding:
    fix = f"in the parent zone, or at the registrar, let the NS records of {name} be {_listed(servers)}"
    try:
        said = {_plain(each) for each in ask(name)}
    except OSError as error:
        return _finding(name, Level.UNKNOWN, f"the public DNS does not answer: {error}", "run it again")
    if not said:
        return _finding(name, Level.PROBLEM, "nobody delegates to it: no name in it is found", fix)
    if said != servers:
        return _finding(name, Level.PROBLEM, f"its parent delegates to {_listed(said)}", fix)
    return _finding(name, Level.OK, "there, and its parent delegates to it")


def _finding(name: str, level: Level, found: str, fix: str = "") -> Finding:
    return Finding(region=GLOBAL, about=f"zone {name}", level=level, found=found, fix=fix)


def _plain(server: str) -> str:
    return server.rstrip(".").lower()


def _listed(servers: set[str]) -> str:
    return ", ".join(sorted(servers))
