"""Where CloudFront comes in, before its cache: `edge_viewer.handler.handle`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from .logic import Settings, answer


@cache
def settings() -> Settings:
    """Read what synth wrote into the archive: Lambda@Edge has no environment variables."""
    return Settings.from_json(json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8")))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the request that CloudFront looks up in its cache, or the response that it sends at once.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
    """
    return answer(event["Records"][0]["cf"]["request"], settings())
