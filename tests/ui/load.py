"""Many visitors at once: `python -m tests.ui.load [1 20 200]`.

Each visitor is a connection of its own, as a browser has one: it opens the first page, uploads an
image of a colour that no other visitor's image has, waits for its result and goes. Printed are the
times until the first answer and until the result, the server's processor time and memory, and what
is left five seconds after all have gone. It fails where a visitor gets an error, no result, or
another visitor's image.
"""

import io
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Self

from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from eca_viz.ui import state
from tests.ui.app_server import running_app

PATIENCE = 600  # seconds for all that a visitor does
GONE = 5.0  # seconds after which nothing of those that have gone may be left


@dataclass
class Visitor:
    """A visit: its connection, and what came of it.

    Attributes:
        cookie: what the server gives with the page, against requests of other sites.
        said: seconds until the first answer to each request: a place in the queue, or the result.
        took: seconds until each result.
    """

    number: int
    connection: ClientConnection
    address: str
    cookie: Morsel[str]
    said: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    @classmethod
    def come(cls, address: str, number: int) -> Self:
        socket = address.replace("http", "ws") + "/_stcore/stream"
        connection = connect(
            socket, subprotocols=["streamlit"], max_size=None, origin=address, legacy=True
        )
        with urllib.request.urlopen(address + "/_stcore/health", timeout=PATIENCE) as answer:
            cookie = SimpleCookie(answer.headers["Set-Cookie"])["_streamlit_xsrf"]
        return cls(number, connection, address, cookie)

    @property
    def colour(self) -> tuple[int, int, int]:
        """Of its image; that of no other visitor is near."""
        red, rest = divmod(self.number, 36)
        green, blue = divmod(rest, 6)
        return 40 * red + 20, 40 * green + 20, 40 * blue + 20

    @property
    def file(self) -> str:
        return f"visitor{self.number}.png"

    def ask(self, request: BackMsg) -> list[Delta]:
        """What the page draws in answer to a request to run."""
        begin = time.perf_counter()
        self.connection.send(request.SerializeToString())
        drawn, first = [], True
        for message in self._messages():
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.HasField("new_element"):
                if first and message.delta.new_element.WhichOneof("type") in {"toast", "imgs"}:
                    self.said.append(time.perf_counter() - begin)
                    first = False
                drawn.append(message.delta)
            elif kind == "script_finished":
                self.took.append(time.perf_counter() - begin)
                return drawn
        raise AssertionError("the connection ended")

    def see_the_first_page(self) -> list[Delta]:
        request = BackMsg()
        request.rerun_script.query_string = ""
        return self.ask(request)

    def upload(self, first_page: list[Delta]) -> list[Delta]:
        """Uploads the image; the page that shows it."""
        uploader = next(
            delta.new_element.file_uploader
            for delta in first_page
            if delta.new_element.WhichOneof("type") == "file_uploader"
            and delta.new_element.file_uploader.id.endswith(f"-{state.UPLOADS}")
        )
        request = BackMsg()
        request.file_urls_request.request_id = str(self.number)
        request.file_urls_request.file_names.append(self.file)
        self.connection.send(request.SerializeToString())
        urls = next(
            message.file_urls_response.file_urls[0]
            for message in self._messages()
            if message.WhichOneof("type") == "file_urls_response"
        )
        self._put(urls.upload_url)
        request = BackMsg()
        widget = request.rerun_script.widget_states.widgets.add(id=uploader.id)
        info = widget.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = urls.file_id, self.file, len(self._bytes())
        info.file_urls.CopyFrom(urls)
        return self.ask(request)

    def check(self, page: list[Delta]) -> None:
        """The page shows this visitor's image, and no error."""
        elements = [delta.new_element for delta in page]
        said = "\n".join(element.markdown.body for element in elements)
        assert f"{self.file.replace('.', chr(46))}, your image" in said, said[:2000]
        for element in elements:
            kind = element.WhichOneof("type")
            assert kind != "exception", element.exception.message
            assert kind != "alert" or element.alert.format != 1, element.alert.body
        shown = next(one.imgs.imgs[0].url for one in elements if one.WhichOneof("type") == "imgs")
        with urllib.request.urlopen(self.address + shown, timeout=PATIENCE) as answer:
            image = Image.open(io.BytesIO(answer.read())).convert("RGB")
        middle = image.getpixel((image.width // 2, image.height // 2))
        assert isinstance(middle, tuple)
        near = max(abs(a - b) for a, b in zip(middle, self.colour, strict=True))
        assert near < 10, f"{middle} instead of {self.colour}"

    def _messages(self) -> Iterator[ForwardMsg]:
        while True:
            yield ForwardMsg.FromString(self.connection.recv(timeout=PATIENCE))

    def _bytes(self) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", (64, 48), self.colour).save(buffer, "PNG")
        return buffer.getvalue()

    def _put(self, url: str) -> None:
        edge = "load"
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{self.file}"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode() + self._bytes()
        request = urllib.request.Request(
            self.address + url,
            body + f"\r\n--{edge}--\r\n".encode(),
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "Cookie": f"{self.cookie.key}={self.cookie.coded_value}",
                "X-Xsrftoken": self.cookie.value,
            },
            method="PUT",
        )
        urllib.request.urlopen(request, timeout=PATIENCE).close()


class Server:
    """What the operating system says of the server's process (Linux)."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def processor_seconds(self) -> float:
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        return self._status("VmRSS") / 1024

    def threads(self) -> int:
        return self._status("Threads")

    def _status(self, name: str) -> int:
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def together(visitors: list[Visitor], act: Callable[[Visitor], list[Delta]]) -> list[list[Delta]]:
    """All visitors do the same at the same moment."""
    start = threading.Barrier(len(visitors))

    def one(visitor: Visitor) -> list[Delta]:
        start.wait(PATIENCE)
        return act(visitor)

    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(one, visitors))


def spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s (longest {max(seconds):.2f})"


def measure(address: str, server: Server, count: int, alone: float) -> float:
    """Prints a line for so many visitors at once; gives their processor time, each."""
    before, threads = server.megabytes(), server.threads()
    visitors = [Visitor.come(address, number) for number in range(count)]
    pages = together(visitors, Visitor.see_the_first_page)
    first, said = [visitor.took[-1] for visitor in visitors], [v.said[-1] for v in visitors]
    begin = server.processor_seconds()
    by_visitor = {visitor.number: page for visitor, page in zip(visitors, pages, strict=True)}
    results = together(visitors, lambda visitor: visitor.upload(by_visitor[visitor.number]))
    for visitor, result in zip(visitors, results, strict=True):
        visitor.check(result)
    each = (server.processor_seconds() - begin) / count
    upload, answered = [v.took[-1] for v in visitors], [v.said[-1] for v in visitors]
    memory = (server.megabytes() - before) / count
    for visitor in visitors:
        visitor.connection.close()
    time.sleep(GONE)
    idle = server.processor_seconds()
    time.sleep(1.0)
    ratio = f", {statistics.median(upload) / (count * alone):.2f} of {count} alone" if alone else ""
    print(
        f"{count} at once: first page {spread(first)}, answered after {max(said):.2f} s at the"
        f" latest; an upload {spread(upload)}{ratio}, answered after {max(answered):.2f} s at the"
        f" latest; {each:.2f} s of processor time and {memory:.1f} MB each; {GONE:.0f} s after"
        f" they went: {server.threads() - threads:+d} threads,"
        f" {server.processor_seconds() - idle:.2f} s of work a second",
        flush=True,
    )
    return each


def main() -> None:
    """Measures for each number of visitors that is given."""
    counts = [int(count) for count in sys.argv[1:]] or [1, 20, 200]
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder) / "log") as app:
        server = Server(app.pid)
        warm = Visitor.come(app, 215)
        warm.check(warm.upload(warm.see_the_first_page()))
        warm.connection.close()
        alone = measure(app, server, 1, 0.0)
        for count in counts:
            if count > 1:
                measure(app, server, count, alone)


if __name__ == "__main__":
    main()
