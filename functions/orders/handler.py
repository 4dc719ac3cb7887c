"""Where Lambda comes in: `orders.handler.handle`."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from .api import Api
from .routes import build_resolver
from .settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import ApiGatewayResolver
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="orders", utc=True)


@cache
def connect() -> ApiGatewayResolver:
    """Read the environment and make the clients, once for all requests that this copy of the function serves.

    Raises:
        SettingsError: When the environment does not describe a system; Lambda logs it and counts an error.
    """
    settings = Settings.from_environment(os.environ)
    logger.append_keys(deployment=settings.deployment, suffix=settings.suffix, region=settings.region)
    return build_resolver(Api.from_settings(settings), logger=logger)


def handle(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Answer one request; a refusal is an answer too."""
    started = time.perf_counter()
    resolver = connect()
    logger.append_keys(request_id=context.aws_request_id)
    answer: dict[str, object] = resolver.resolve(event, context)
    method, path, status = event["httpMethod"], event["path"], answer["statusCode"]
    if (path, status) != ("/health", 200):  # checkers ask several times a second
        milliseconds = round((time.perf_counter() - started) * 1000)
        logger.info("request", method=method, path=path, status=status, milliseconds=milliseconds)
    return answer
