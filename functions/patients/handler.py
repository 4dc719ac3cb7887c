"""Where Lambda comes in: `patients.handler.handle`. It logs that there was a request, never what it said."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from .api import Api, Reply
from .records import Refusal
from .region import ActiveRegion, SecretCredentials
from .settings import Settings
from .store import PatientStore, StoreError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

NEUTRAL_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": "application/json",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer: nothing between here and the client keeps it."""

logger = Logger(service="patients", utc=True)


@cache
def connect() -> APIGatewayRestResolver:
    """Read the environment and make the clients, once for all requests that this copy of the function serves.

    Raises:
        SettingsError: When the environment does not describe a system; Lambda logs it and counts an error.
    """
    settings = Settings.from_environment(os.environ)
    logger.append_keys(deployment=settings.deployment, suffix=settings.suffix, region=settings.region)
    credentials = SecretCredentials(settings.secret, region=settings.region)
    active_region = ActiveRegion(settings.active_region_parameter, region=settings.region)
    store = PatientStore(settings, credentials)
    return build_resolver(Api(region=settings.region, store=store, active_region=active_region))


def build_resolver(api: Api) -> APIGatewayRestResolver:
    """Connect the routes to the API."""
    # debug=False: otherwise an environment variable could make answers carry stack traces.
    resolver = APIGatewayRestResolver(debug=False)

    def header(name: str) -> str | None:
        value = resolver.current_event.headers.get(name)
        return None if value is None else str(value)

    def body() -> str:
        return resolver.current_event.decoded_body or ""

    @resolver.post("/patients")
    def admit() -> Response[str]:
        return _respond(api.admit(body(), header("Idempotency-Key")))

    @resolver.get("/patients/<record_id>")
    def show(record_id: str) -> Response[str]:
        return _respond(api.show(record_id))

    @resolver.put("/patients/<record_id>")
    def change(record_id: str) -> Response[str]:
        return _respond(api.change(record_id, body(), header("If-Match")))

    @resolver.get("/ready")
    def report_readiness() -> Response[str]:
        return _respond(api.report_readiness())

    def refuse(error: Exception) -> Response[str]:
        return _respond(_refusal(_as_refusal(error), resolver.lambda_context.aws_request_id))

    resolver.exception_handler(Exception)(refuse)
    return resolver


def handle(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Answer one request; a refusal is an answer too."""
    started = time.perf_counter()
    resolver = connect()
    logger.append_keys(request_id=context.aws_request_id)
    answer: dict[str, object] = resolver.resolve(event, context)
    milliseconds = round((time.perf_counter() - started) * 1000)
    # The resource, not the path: an id is about a patient, too.
    logger.info("request", resource=event.get("resource"), status=answer["statusCode"], milliseconds=milliseconds)
    return answer


def _as_refusal(error: Exception) -> Refusal:
    """Decide what a client may know about an error. The log gets its kind; its words may be about a patient."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, NotFoundError):
        return Refusal(404, "NO_SUCH_ROUTE", "There is nothing at this path and method.")
    if isinstance(error, StoreError):
        logger.warning("the database did not serve", kind=str(error))
        return Refusal(503, "STORE_UNAVAILABLE", "The database did not answer; try again.", retry_after=1)
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    logger.error("unexpected error", kind=type(error).__name__, where=where)
    return Refusal(500, "INTERNAL", "Something went wrong on our side.")


def _refusal(refusal: Refusal, request_id: str) -> Reply:
    error: dict[str, object] = {"code": refusal.code, "message": refusal.message, "request_id": request_id}
    if refusal.faults:
        error["problems"] = [{"at": at, "problem": problem} for at, problem in refusal.faults]
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return Reply(status=refusal.status, document={"error": error}, headers=headers)


def _respond(reply: Reply) -> Response[str]:
    text = json.dumps(reply.document, separators=(",", ":"))
    return Response(status_code=reply.status, headers={**NEUTRAL_HEADERS, **reply.headers}, body=text)
