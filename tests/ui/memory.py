"""Memory of the app on a server: `python -m tests.ui.memory`.

Prints MiB of its processes together, each shared page counted once: at rest, which is when
`/ready` answers, and with each of ten visits that look at samples in two networks. Visits are
Streamlit's own messages, sent without a browser; they upload nothing.
"""

import contextlib
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote_plus

from eca_viz.images.samples import SAMPLES
from eca_viz.ui.readiness import ADDRESS
from tests.ui.app_server import free_port, started, wait_until_up
from tests.ui.factories import ROOT
from tests.ui.session import draw, session

VISITS = 10
PATIENCE = 120.0
# What a visit asks for, in turn.
QUERIES = ("photo={}", "photo={}&layer=layer2.0.eca", "photo={}&network=resnet_tiny_eca")


def mebibytes(process: int) -> float:
    """Proportional set size of a process and of all that it started."""
    folder = Path("/proc", str(process))
    lines = (folder / "smaps_rollup").read_text("ascii").splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    children = (folder / "task" / str(process) / "children").read_text("ascii").split()
    for thread in (folder / "task").iterdir():
        if thread.name != str(process):
            children += (thread / "children").read_text("ascii").split()
    return own / 1024 + sum(mebibytes(int(child)) for child in children)


def wait_until_ready(address: str) -> None:
    """Returns when the default network answers."""
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{address}/{ADDRESS}", timeout=PATIENCE).close()
            return
        if time.monotonic() > end:
            raise TimeoutError(f"{address} was not ready within {PATIENCE:.0f} s")
        time.sleep(0.5)


def main() -> None:
    port = free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "eca_viz", "app", "--public", "--port", str(port)]
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as visits:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ECA_VIZ_CACHE": folder}
        app = visits.enter_context(
            started(command, Path(folder) / "log.txt", environment, Path(folder))
        )
        wait_until_up(address)
        print(f"the server runs, before the first visit  {mebibytes(app.pid):7.0f} MiB")
        wait_until_ready(address)
        rest = mebibytes(app.pid)
        print(f"at rest, when the first network answers  {rest:7.0f} MiB")
        levels = [rest]
        for number in range(VISITS):
            visit = visits.enter_context(session(address))
            for query in QUERIES:
                draw(visit, query.format(quote_plus(SAMPLES[number % len(SAMPLES)].title)))
            levels.append(mebibytes(app.pid))
            print(f"with {number + 1:2} visits  {levels[-1]:7.0f} MiB", flush=True)
        half = VISITS // 2
        print(f"a visit, mean of the last {half}: {(levels[-1] - levels[half]) / half:.1f} MiB")


if __name__ == "__main__":
    main()
