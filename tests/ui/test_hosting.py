"""The app as a host runs it: a read-only machine, a path of a proxy's, a name of its own."""

import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from eca_viz.networks.registry import IMAGENET_NETWORK
from eca_viz.ui.readiness import LOADING
from tests.ui.app_server import free_port, started, wait_until_up
from tests.ui.factories import ROOT
from tests.ui.session import draw, session

NAME = "demo.example.org"
# Runs before everything else in the app's process and in those that it starts.
WATCH = """
import os, sys

log = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
changes = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def note(event, given):
    if event == "open" and isinstance(given[0], str) and given[2] & changes:
        os.write(log, f"write {os.path.abspath(given[0])}\\n".encode())
    elif event in ("os.mkdir", "os.rename", "os.symlink") and given[0]:
        os.write(log, f"write {os.path.abspath(os.fsdecode(given[0]))}\\n".encode())
    elif event == "socket.connect" and isinstance(given[1], tuple):
        os.write(log, f"connect {given[1][0]}\\n".encode())
    elif event == "socket.getaddrinfo":
        os.write(log, f"connect {given[0]}\\n".encode())


sys.addaudithook(note)
"""


@dataclass
class Hosted:
    """The running app, what it printed, and what it wrote and whom it called."""

    address: str
    log: Path
    watched: Path
    folder: Path

    def ask(self, path: str, host: str = NAME) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of an answer."""
        request = urllib.request.Request(self.address + path, headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read().decode()
                return answer.status, text, {k.lower(): v for k, v in answer.headers.items()}
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), {}


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """Home and working directory are such that even an administrator cannot write there."""
    folder = tmp_path_factory.mktemp("hosted")
    for name in ("cache", "tmp", "watch"):
        (folder / name).mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    log, watched, port = folder / "log.txt", folder / "watched.txt", free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{folder / 'watch'}:{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/proc/nowhere",
        "TMPDIR": str(folder / "tmp"),
        "ECA_VIZ_CACHE": str(folder / "cache"),
        "WATCHED": str(watched),
    }
    command = [sys.executable, "-m", "eca_viz", "app", "--public", "--port", str(port)]
    command += ["--path", "viz", "--host", NAME]
    with started(command, log, environment, folder=Path("/proc")):
        address = f"http://localhost:{port}/viz"
        wait_until_up(address)
        yield Hosted(address, log, watched, folder)


def test_it_is_ready_when_the_network_answers(hosted: Hosted) -> None:
    """A probe that knows no name asks, and nobody has visited the app yet."""
    status, text, _ = hosted.ask("/ready", host="localhost")
    assert (status, text) == (503, LOADING)
    end = time.monotonic() + 120
    while status == 503 and time.monotonic() < end:
        time.sleep(0.5)
        status, text, _ = hosted.ask("/ready", host="localhost")
    assert (status, text) == (200, "ready")


def test_a_page_lies_below_the_path_with_its_headers(hosted: Hosted) -> None:
    status, _, headers = hosted.ask("/")
    assert status == 200
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    for script in re.findall(r"<([\w./-]+)>; rel=modulepreload", headers["link"])[:3]:
        status, _, headers = hosted.ask(f"/{script}")
        assert status == 200
        assert "javascript" in headers["content-type"]
    assert "content-security-policy" not in hosted.ask("/?embed=true")[2]


@pytest.mark.parametrize("query", ["photo=Coffee", f"source=ImageNet&hub={IMAGENET_NETWORK}"])
def test_a_visit_draws_the_page(hosted: Hosted, query: str) -> None:
    """Also where a link asks for a download, which visitors of a public page cannot start."""
    with session(hosted.address, NAME) as connection:
        assert draw(connection, query) > 20


def test_another_name_is_refused_on_both_ways(hosted: Hosted) -> None:
    status, text, _ = hosted.ask("/", host="evil.example")
    assert status == 403
    assert text.startswith("eca_viz does not answer under the name 'evil.example'.")
    with pytest.raises(InvalidStatus, match="403"), session(hosted.address, "evil.example"):
        pass


def test_it_writes_into_its_folders_alone_and_calls_nobody(hosted: Hosted) -> None:
    seen = [line.split(" ", 1) for line in hosted.watched.read_text("utf-8").splitlines()]
    ours = (str(hosted.folder / "cache"), str(hosted.folder / "tmp"), "/dev/")
    written = {what for event, what in seen if event == "write"}
    assert {what for what in written if not what.startswith(ours)} == set()
    called = {what for event, what in seen if event == "connect"}
    assert all(name == "localhost" or ip_address(name).is_loopback for name in called), called
    said = hosted.log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert "URL: " in said
