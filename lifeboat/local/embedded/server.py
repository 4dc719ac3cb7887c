"""The process that is the embedded AWS: `python -m lifeboat.local.embedded.server --port 0 --ready-file ready.json`.

It listens on loopback only and keeps everything in memory: ending it forgets everything that was deployed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

HOST = "127.0.0.1"
BACKLOG = 128

# What moto reads from its environment, most of it at the moment of its import.
MOTO_SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_ACM_VALIDATION_WAIT": "0",
}

# Clients inside this process (the state machine interpreter) sign with these; AWS is never reached.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def listen(port: int) -> socket.socket:
    """Return a listening loopback socket; port 0 takes any free port.

    Raises:
        OSError: The port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def announce(ready_file: Path, url: str, port: int) -> None:
    """Write `{"url", "port", "pid"}` to the ready-file, so that a reader never sees half of it."""
    ready = {"url": url, "port": port, "pid": os.getpid()}
    draft = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
    draft.write_text(json.dumps(ready) + "\n", encoding="utf-8")
    draft.replace(ready_file)


def end(_signum: int, _frame: object) -> NoReturn:
    """Leave the serving loop: the handler of SIGTERM and SIGINT."""
    raise SystemExit(0)


def serve(listener: socket.socket, *, ready_file: Path | None, databases: bool, verbose: bool) -> None:
    """Fill moto's gaps and answer requests until the process is told to end."""
    port = int(listener.getsockname()[1])
    url = f"http://{HOST}:{port}"
    os.environ.update(MOTO_SETTINGS | CREDENTIALS | {"MOTO_PORT": str(port), "AWS_ENDPOINT_URL": url})
    from lifeboat.local.embedded import app  # noqa: PLC0415 - moto reads its settings when it is imported

    server = app.build(listener, databases=databases, verbose=verbose)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        if ready_file:
            announce(ready_file, url, port)
        server.serve_forever()
    finally:
        app.end_children()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # moto leaves threads behind (waiting state machines) that would keep the process alive


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server; returns 1 at once when the port is taken."""
    parser = argparse.ArgumentParser(prog="embedded-aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--ready-file", type=Path, help="file to write url, port and pid to once it listens")
    parser.add_argument("--verbose", action="store_true", help="print every request to standard output")
    parser.add_argument("--no-databases", action="store_true", help="RDS has a control plane only: no servers")
    options = parser.parse_args(arguments)
    try:
        listener = listen(options.port)
    except OSError as error:
        sys.stderr.write(f"error: cannot listen on port {options.port} of {HOST}: {error.strerror}\n")
        return 1
    serve(listener, ready_file=options.ready_file, databases=not options.no_databases, verbose=options.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main())
