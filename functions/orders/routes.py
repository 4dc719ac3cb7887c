"""From events to the API and back: one set of routes, whatever stands in front of the function."""

from __future__ import annotations

import base64
from collections.abc import Callable

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import ALBResolver, ApiGatewayResolver, APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from .api import Api
from .clients import is_passing
from .database import UnavailableError
from .messages import Reply, Request, refuse
from .refusals import Refusal
from .settings import Entry


def build_resolver(api: Api, *, logger: Logger) -> ApiGatewayResolver:
    """Connect the routes to the API; the entry in the settings decides which events they are served for."""
    # debug=False: otherwise an environment variable could make answers carry stack traces.
    resolver = ALBResolver(debug=False) if api.settings.entry is Entry.ALB else APIGatewayRestResolver(debug=False)

    def request() -> Request:
        return Request.from_event(resolver.current_event.raw_event, entry=api.settings.entry)

    @resolver.post("/orders")
    def place_order() -> Response[str]:
        return _respond(api.place_order(request()))

    @resolver.get("/orders")
    def list_orders() -> Response[str]:
        return _respond(api.list_orders(request()))

    @resolver.get("/orders/<order_id>")
    def show_order(order_id: str) -> Response[str]:
        return _respond(api.show_order(order_id))

    @resolver.put("/orders/<order_id>/attachments/<name>")
    def put_attachment(order_id: str, name: str) -> Response[str]:
        return _respond(api.put_attachment(request(), order_id, name))

    @resolver.get("/orders/<order_id>/attachments/<name>")
    def fetch_attachment(order_id: str, name: str) -> Response[str]:
        return _respond(api.fetch_attachment(order_id, name))

    @resolver.get("/health")
    def report_health() -> Response[str]:
        return _respond(api.report_health(request()))

    _add_products(resolver, api, request)

    def refuse_request(error: Exception) -> Response[str]:
        refusal = _as_refusal(error, logger=logger)
        return _respond(refuse(refusal, request_id=resolver.lambda_context.aws_request_id))

    resolver.exception_handler(Exception)(refuse_request)
    return resolver


def _add_products(resolver: ApiGatewayResolver, api: Api, request: Callable[[], Request]) -> None:
    @resolver.get("/products")
    def list_products() -> Response[str]:
        return _respond(api.list_products(request()))

    @resolver.put("/products/<sku>")
    def put_product(sku: str) -> Response[str]:
        return _respond(api.put_product(request(), sku))


def _as_refusal(error: Exception, *, logger: Logger) -> Refusal:
    """Decide what a client may know about an error; the log gets the rest."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, NotFoundError):
        return Refusal(404, "NO_SUCH_ROUTE", "There is nothing at this path and method.")
    if isinstance(error, UnavailableError) or is_passing(error):
        logger.warning("a store did not serve", exc_info=error)
        return Refusal(503, "STORE_UNAVAILABLE", "A store did not answer; try again.", retry_after=1)
    logger.error("unexpected error", exc_info=error)
    return Refusal(500, "INTERNAL", "Something went wrong on our side.")


def _respond(reply: Reply) -> Response[str]:
    if isinstance(reply.body, str):
        return Response(status_code=reply.status, headers=reply.all_headers, body=reply.body)
    # Encoded here: the resolver takes bytes whose content type is JSON for a document to serialize.
    response = Response(status_code=reply.status, headers=reply.all_headers, body=base64.b64encode(reply.body).decode())
    response.base64_encoded = True
    return response
