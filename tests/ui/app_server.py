"""The app as a user starts it, and the browser that looks at it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tests.ui.factories import ROOT

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


FULL = ("chromium", "chromium-browser")
SHELL = ("chromium-headless-shell",)


def find_chromium(names: Sequence[str] = SHELL + FULL) -> str | None:
    """Path of the first Chromium that is there, or None.

    The headless shell draws a page with three quarters of the processor time.
    """
    found = filter(None, map(shutil.which, names))
    return os.environ.get("ECA_VIZ_CHROMIUM") or next(found, None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Address(str):
    """The address of a running app, and its process.

    Attributes:
        pid: of the process.
    """

    __slots__ = ("pid",)

    pid: int

    def __new__(cls, address: str, pid: int) -> "Address":
        made = super().__new__(cls, address)
        made.pid = pid
        return made


@contextlib.contextmanager
def running_app(
    log: Path,
    *,
    wait: bool = True,
    module: str = "streamlit",
    script: str = "app.py",
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Address]:
    """Starts `streamlit run app.py` and gives its address; its output goes to `log`."""
    port = free_port()
    command = [sys.executable, "-m", module, "run", script, "--server.headless", "true"]
    command += ["--server.port", str(port)]
    with started(command, log, {**os.environ, **environment}) as app:
        address = Address(f"http://localhost:{port}", app.pid)
        if wait:
            wait_until_up(address)
        yield address


@contextlib.contextmanager
def started(
    command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its output in `log`, which is ended behind the block."""
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_up(address: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the app did not answer at {address} within {seconds:.0f} s")
        time.sleep(0.02)
