"""A hub of our own on this machine, which answers as the Hugging Face hub does."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHUNK = 2**20
STALL = 24 * CHUNK  # where a stalled hub sends no more; more than what a client reads at once


class _Handler(BaseHTTPRequestHandler):
    files: dict[str, bytes]
    asked: list[str]
    silent: threading.Event
    slow: threading.Event
    stalled: threading.Event

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
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        if begin:
            self.asked.append(f"from {begin}")
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
            data = data[begin:]
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", etag)
        self.send_header("X-Repo-Commit", "0" * 40)
        self.end_headers()
        for start in range(0, len(data) if body else 0, CHUNK):
            if self.stalled.is_set() and begin + start >= STALL:
                threading.Event().wait(5)
                return
            if self.slow.is_set():
                time.sleep(0.2)
            try:
                self.wfile.write(data[start : start + CHUNK])
            except ConnectionError:  # who asked has stopped
                return

    def log_message(self, format: str, *args: object) -> None:
        pass


class Hub:
    """Its address, what it was asked for, and switches.

    It answers nothing, 5 MB a second, or a part of the file and then nothing.
    """

    def __init__(self, server: ThreadingHTTPServer, handler: type[_Handler]) -> None:
        self.address = f"http://127.0.0.1:{server.server_port}"
        self.asked = handler.asked
        self.silent = handler.silent
        self.slow = handler.slow
        self.stalled = handler.stalled
        self._files = handler.files

    def serve(self, address: str, path: Path) -> None:
        """Another file by the path of its address."""
        self._files[address] = path.read_bytes()


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
            "slow": threading.Event(),
            "stalled": threading.Event(),
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
