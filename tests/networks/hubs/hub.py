"""A hub of our own on this machine, which answers as the Hugging Face hub does."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Handler(BaseHTTPRequestHandler):
    files: dict[str, bytes]
    asked: list[str]
    silent: threading.Event

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self.asked.append(f"{self.command} {self.path}")
        if self.silent.is_set():
            self.silent.wait()
            threading.Event().wait(30)
        data = self.files.get(self.path)
        if data is None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Hub:
    """Its address, what it was asked for, and a switch that lets it answer nothing."""

    def __init__(self, server: ThreadingHTTPServer, handler: type[_Handler]) -> None:
        self.address = f"http://127.0.0.1:{server.server_port}"
        self.asked = handler.asked
        self.silent = handler.silent


@contextmanager
def running_hub(files: dict[str, Path]) -> Iterator[Hub]:
    """Serves files by the path of their address."""
    handler = type(
        "Handler",
        (_Handler,),
        {
            "files": {address: path.read_bytes() for address, path in files.items()},
            "asked": [],
            "silent": threading.Event(),
        },
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Hub(server, handler)
    finally:
        server.shutdown()
        server.server_close()
