"""The mutations fit the code that they break: a fault that cannot be made shows nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.mutation import Mutation
from tests.mutation.mutations import MUTATIONS

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutation_replaces_is_there_exactly_once(mutation: Mutation) -> None:
    assert (PROJECT / mutation.file).read_text(encoding="utf-8").count(mutation.old) == 1
    assert (PROJECT / "tests" / "unit" / mutation.kept_by).is_file()
