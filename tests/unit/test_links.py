"""Who passes whose messages on to whom, read from the synthesized stacks and followed as EventBridge follows them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise, permutations

import pytest

from deployments.failover.facts import MESSAGE, SOURCE
from deployments.failover.links import HUBS
from tests.bench.growth import REGIONS, reference_system
from tests.unit.synthesized import Json, Stack, Synthesized, synthesize

SIZES = (2, 3, 4, 6, 16)
STEPS = 20
"""More than any message takes: one that takes so many is in a loop."""
RELAY = "relay"

Meshed = Callable[[int], Synthesized]


@pytest.fixture(scope="module")
def meshed(tmp_path_factory: pytest.TempPathFactory) -> Meshed:
    """Give the reference system in its first so many regions."""

    @cache
    def over(count: int) -> Synthesized:
        return synthesize(reference_system(count), tmp_path_factory.mktemp(f"meshed-{count}"))

    return over


@pytest.fixture(params=SIZES)
def mesh(meshed: Meshed, request: pytest.FixtureRequest) -> Synthesized:
    """Two, three, four, six and sixteen regions in turn."""
    return meshed(int(request.param))


def names(mesh: Synthesized) -> list[str]:
    return [plan.name for plan in mesh.system.regions]


def rules(stack: Stack) -> list[tuple[Json, str]]:
    """Return each rule's pattern, and where it leads to: a region, or the relay."""
    targets = {each.path.removesuffix("-target"): each["arn"] for each in stack.all("aws_cloudwatch_event_target")}
    return [
        (rule.parsed("event_pattern"), RELAY if "relay" in targets[rule.path] else targets[rule.path].split(":")[3])
        for rule in stack.all("aws_cloudwatch_event_rule")
        if rule.path.startswith("failover/")
    ]


def matches(pattern: Json, event: Json) -> bool:
    """Judge an event by a pattern of the kinds that are used here: words, and that a field is not there.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    for field, wanted in pattern.items():
        if isinstance(wanted, dict):
            if not matches(wanted, event.get(field, {})):
                return False
        elif wanted == [{"exists": False}]:
            if field in event:
                return False
        else:
            assert all(isinstance(word, str) for word in wanted), wanted
            if event.get(field) not in wanted:
                return False
    return True


def forwarded(stack: Stack, detail: Json) -> Json:
    """Return what a relay that gets a message for another region puts on its own bus."""
    states = json.loads(stack.by_path("failover/relay").raw["definition"])["States"]
    first = states["What is it about"]["Choices"][0]
    assert first["Not"] == {"Variable": "$.detail.to", "StringEquals": stack.place}
    note = states[first["Next"]]
    (entry,) = states[note["Next"]]["Parameters"]["Entries"]
    assert entry["Detail.$"] == f"States.JsonMerge($.detail, {note['ResultPath']}, false)"
    assert (entry["Source"], entry["DetailType"]) == (SOURCE, MESSAGE)
    assert entry["EventBusName"] == stack.by_path("failover/bus").raw["name"]
    return {**detail, **note["Parameters"]}


def ways(mesh: Synthesized, sender: str, receiver: str, dark: Sequence[str] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the regions that each delivery of a message came through, sender and receiver included.

    EventBridge takes nothing that came from another bus on to a third one:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
    """
    under_way: list[tuple[tuple[str, ...], Json, bool]] = [((sender,), {"to": receiver, "from": sender}, False)]
    for _ in range(STEPS):
        if not under_way:
            return
        path, detail, came_from_a_bus = under_way.pop(0)
        stack = mesh.stacks[path[-1]]
        for pattern, target in rules(stack):
            if not matches(pattern, {"source": SOURCE, "detail-type": MESSAGE, "detail": detail}):
                continue
            if target == RELAY and detail["to"] == stack.place:
                yield path
            elif target == RELAY:
                under_way.append((path, forwarded(stack, detail), False))
            elif not came_from_a_bus and target not in dark:
                under_way.append(((*path, target), detail, True))
    pytest.fail(f"a message from {sender} to {receiver} is in a loop: {under_way[:2]}")


def test_one_region_has_nobody_to_talk_to(meshed: Meshed) -> None:
    assert meshed(1).primary.all("aws_cloudwatch_event_bus") == []


def test_every_message_arrives_directly_or_else_through_both_hubs_and_never_goes_in_circles(mesh: Synthesized) -> None:
    hubs = names(mesh)[:HUBS]
    for sender, receiver in permutations(names(mesh), 2):
        direct = [(sender, receiver)]
        expected = direct if {sender, receiver} & set(hubs) else [(sender, hub, receiver) for hub in hubs]
        assert sorted(ways(mesh, sender, receiver)) == sorted(expected)


def test_whatever_other_region_is_dark_every_message_still_arrives(mesh: Synthesized) -> None:
    for sender, receiver in permutations(names(mesh)[-4:], 2):
        for dark in set(names(mesh)) - {sender, receiver}:
            assert list(ways(mesh, sender, receiver, [dark])), (sender, receiver, dark)


def test_only_with_both_hubs_dark_a_message_waits(meshed: Meshed) -> None:
    six = meshed(6)
    *hubs, third, fourth = names(six)[:4]
    assert list(ways(six, third, fourth, hubs)) == []
    assert list(ways(six, hubs[0], third, [hubs[1]])) == [(hubs[0], third)]


def test_there_are_four_links_more_with_every_region_from_two_on(mesh: Synthesized) -> None:
    reached = [(stack.place, target) for stack in mesh.regional for _, target in rules(stack) if target != RELAY]
    assert len(reached) == len(set(reached)) == 4 * len(names(mesh)) - 6


def test_the_bus_may_send_to_the_linked_buses_alone_and_the_relay_to_its_own(mesh: Synthesized) -> None:
    for stack in mesh.regional:
        bus = stack.by_path("failover/bus").raw["name"]
        at = "arn:${partition.partition}:events:{}:${account.account_id}:event-bus/"
        linked = [at.replace("{}", target) + bus for _, target in rules(stack) if target != RELAY]
        (send,) = stack.by_path("failover/messenger/send-messages").statements().values()
        assert sorted(many(send["Resource"])) == sorted(linked)
        (own,) = stack.by_path("failover/failover-relay-role/send-messages").statements().values()
        assert own["Resource"] == at.replace("{}", stack.place) + bus


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_a_hub_hears_of_what_it_passes_on_and_of_nothing_else_that_is_for_others(meshed: Meshed) -> None:
    four = meshed(4)
    hub, other, third, fourth = names(four)
    (heard,) = [pattern for pattern, target in rules(four.stacks[hub]) if target == RELAY]

    def is_heard(detail: Json) -> bool:
        return matches(heard, {"source": SOURCE, "detail-type": MESSAGE, "detail": detail})

    assert is_heard({"to": fourth, "from": third})
    assert is_heard({"to": hub, "from": third})
    assert is_heard({"to": hub, "from": other})
    assert not is_heard({"to": fourth, "from": third, "via": hub})
    assert not is_heard({"to": fourth, "from": hub})
    assert not is_heard({"to": other, "from": hub})


def test_a_pattern_is_short_enough_for_eventbridge(meshed: Meshed) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html: 4096 characters."""
    rules_of_16 = meshed(len(REGIONS)).all("aws_cloudwatch_event_rule")
    assert max(len(rule.raw["event_pattern"]) for rule in rules_of_16) < 4096


def counts(mesh: Synthesized) -> Counter[str]:
    """Count all resources: of the regional stacks together, and of the global stack."""
    return Counter(
        {
            "regional": sum(len(stack.resources) for stack in mesh.regional),
            "global": len(mesh.world.resources),
        }
    )


def test_every_region_adds_the_same_number_of_resources_from_two_on(meshed: Meshed) -> None:
    for part in ("regional", "global"):
        found = {size: counts(meshed(size))[part] for size in SIZES}
        each_more = {(found[b] - found[a]) / (b - a) for a, b in pairwise(SIZES)}
        assert len(each_more) == 1, (part, found)
