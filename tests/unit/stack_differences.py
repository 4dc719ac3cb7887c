"""In what two builds of a stack differ: what comes, what goes, and which arguments of the rest."""

from __future__ import annotations

from tests.unit.strategy_differences import Differences
from tests.unit.synthesized import Json, Stack, Synthesized


def addresses(stack: Stack) -> set[str]:
    """Return what is in a stack, as `type path`."""
    return {f"{each.type} {each.path}" for each in (*stack.resources, *stack.data)}


def appearing(before: Synthesized, after: Synthesized) -> dict[str, Differences]:
    """Return the addresses that come and go, by stack."""
    return {
        place: {
            "appears": addresses(after.stacks[place]) - addresses(stack),
            "vanishes": addresses(stack) - addresses(after.stacks[place]),
        }
        for place, stack in before.stacks.items()
    }


def arguments(stack: Stack) -> dict[str, Json]:
    """Return every argument's value, resolved, by `type path argument`."""
    return {
        f"{each.type} {each.path} {argument}": value
        for each in (*stack.resources, *stack.data)
        for argument, value in each.items()
    }


def changed(before: Stack, after: Stack) -> dict[str, tuple[Json, Json]]:
    """Return the arguments that differ in what is in both stacks: value before, value after."""
    both = addresses(before) & addresses(after)
    old, new = arguments(before), arguments(after)
    return {
        argument: (old.get(argument), new.get(argument))
        for argument in old.keys() | new.keys()
        if argument.rpartition(" ")[0] in both and old.get(argument) != new.get(argument)
    }
