"""Endpoints: an address that leads to a server, or to nobody, and can be made to lead elsewhere.

In AWS an endpoint is a name. Here it is an address of its own, held by the embedded AWS, which passes the bytes on
unchanged: TLS is between the client and the server. Whoever connects to a door that leads nowhere is refused; when a
door is turned, the connections through it are cut, as they are when a server is lost or loses its part.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import cached_property

CHUNK = 65536
SECONDS_TO_TURN = 10.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something listens."""

    host: str
    port: int


class Door:
    """One endpoint. Leads nowhere until it is told where."""

    def __init__(self, hall: Hall, at: Place) -> None:
        self.at = at
        self._hall = hall
        self._leads_to: Place | None = None
        self._server: asyncio.Server | None = None
        self._through: set[asyncio.StreamWriter] = set()

    @property
    def leads_to(self) -> Place | None:
        """Where it leads. None: nowhere, and connections are refused."""
        return self._leads_to

    def lead(self, to: Place | None) -> None:
        """Turn the door; nothing happens when it leads there already.

        Raises:
            OSError: Its address is in use by somebody else.
        """
        if to != self._leads_to:
            self._hall.do(self._turn(to))

    async def _turn(self, to: Place | None) -> None:
        self._leads_to = to
        for writer in tuple(self._through):
            writer.transport.abort()
        if to is None and self._server is not None:
            self._server.close()
            self._server = None
        elif to is not None and self._server is None:
            self._server = await asyncio.start_server(self._let_in, self.at.host, self.at.port)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = self._leads_to
        self._through.add(writer)
        try:
            if to is not None:
                await self._pass(reader, writer, to)
        finally:
            self._through.discard(writer)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: Place) -> None:
        with contextlib.suppress(OSError):
            inner_reader, inner_writer = await asyncio.open_connection(to.host, to.port)
            self._through.add(inner_writer)
            try:
                await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
            finally:
                self._through.discard(inner_writer)
                inner_writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until there are no more, then say so."""
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


class Hall:
    """The thread in which all doors are tended."""

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="database-endpoints", daemon=True).start()
        return loop

    def do(self, work: Coroutine[object, object, None]) -> None:
        """Run something in that thread and wait for it."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS_TO_TURN)
