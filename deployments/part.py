"""What every table of a description is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# RDS refuses names with two hyphens in a row.
Name = Annotated[str, Field(pattern=r"^[a-z](-?[a-z0-9])+$", max_length=16)]
Seconds = Annotated[int, Field(ge=1)]


class Part(BaseModel):
    """Base of every table: frozen, no unknown keys, no silent conversion between types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
