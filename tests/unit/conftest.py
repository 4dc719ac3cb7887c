"""Each variant is synthesized once per session, in this process, when a test first asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.unit.synthesized import Synthesized, synthesize
from tests.unit.variants import variant

Synthesize = Callable[[str], Synthesized]


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Give a variant's stacks by the variant's name."""

    @cache
    def of(name: str) -> Synthesized:
        return synthesize(variant(name), tmp_path_factory.mktemp(name))

    return of


@pytest.fixture(scope="session")
def dev(synthesized: Synthesize) -> Synthesized:
    """A throw-away environment of the web shop."""
    return synthesized("dev")


@pytest.fixture(scope="session")
def prod(synthesized: Synthesize) -> Synthesized:
    """The protected environment of the web shop."""
    return synthesized("prod")


@pytest.fixture(scope="session", params=["dev", "prod"])
def either(synthesized: Synthesize, request: pytest.FixtureRequest) -> Synthesized:
    """Both kinds of environment, for promises that no stage may weaken."""
    return synthesized(str(request.param))


@pytest.fixture(scope="session")
def edge(synthesized: Synthesize) -> Synthesized:
    """A throw-away environment of the system that delivers from the edge."""
    return synthesized("edge")
