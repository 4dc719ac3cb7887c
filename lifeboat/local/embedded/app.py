"""What answers a request to the embedded AWS: our own endpoints, nobody (a dark region), or moto."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from lifeboat.local.embedded import lambda_runtime
from lifeboat.local.embedded.admin import Admin
from lifeboat.local.embedded.answers import Answers
from lifeboat.local.embedded.dark import DARK
from lifeboat.local.embedded.gaps import fill_all
from lifeboat.local.embedded.postgres.fleet import FLEET
from lifeboat.local.embedded.request import Call
from lifeboat.local.embedded.turns import FAILURES, Turns
from lifeboat.local.embedded.viewer import endpoint as viewer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class EmbeddedAws:
    """The WSGI application: decides who answers a request."""

    def __init__(self, moto: WSGIApplication, admin: Admin) -> None:
        self._moto = moto
        self._admin = admin
        self._turns = Turns()
        self._answers = Answers()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request as WSGI asks for, or hang up."""
        call = Call.of(environ)
        if not call.signed and environ["PATH_INFO"].startswith(viewer.PREFIX):
            return viewer.serve(environ, start_response)
        if not call.signed and environ["PATH_INFO"].startswith("/lifeboat/"):
            return self._admin(environ, start_response)
        if DARK.hides(call):
            DARK.record(call)
            hang_up(environ)
        with FAILURES.watch(call), self._turns.take(call):
            answer = self._answers.answer(self._moto, environ, start_response)
        if DARK.hides(call):
            hang_up(environ)  # it went dark meanwhile: what it wrote waits, so nobody may be told that it is kept
        return answer


def hang_up(environ: WSGIEnvironment) -> NoReturn:
    """Close the connection without a byte of answer, as a region that is gone does.

    Raises:
        ConnectionAbortedError: Always; the server takes it for a client that went away, and is quiet about it.
    """
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


class Handler(MotoRequestHandler):  # type: ignore[misc] # moto publishes no types
    """Quiet: nothing about single requests is printed."""

    def log_request(self, *_: object) -> None:
        """Print nothing."""


class VerboseHandler(MotoRequestHandler):  # type: ignore[misc] # moto publishes no types
    """Prints one line per request to standard output."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print method, path and status."""
        sys.stdout.write(f"{self.requestline} {int(code)} {size}\n")
        sys.stdout.flush()


def build(listener: socket.socket, *, databases: bool, verbose: bool) -> BaseWSGIServer:
    """Fill the gaps and return the server, which takes over the listening socket."""
    if databases:
        FLEET.switch_on()
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    gaps = fill_all()
    application = EmbeddedAws(DomainDispatcherApplication(create_backend_app), Admin(gaps))
    host, port = listener.getsockname()
    handler = VerboseHandler if verbose else Handler
    return make_server(host, port, application, threaded=True, request_handler=handler, fd=listener.fileno())


def end_children() -> None:
    """End every process that the embedded AWS started: Lambda functions still running, and database servers."""
    lambda_runtime.end_all()
    FLEET.end_all()
