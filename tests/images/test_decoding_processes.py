"""Scripts, commands and forked children that read images: what they say, start and leave."""

import io
import signal
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eca_viz.images import bounded, decoding
from eca_viz.images.reading import read_image
from tests.factories import make_pixels
from tests.hostile.images import (
    bomb_warning,
    mutations,
    outcome,
    talking_tiff,
)
from tests.images.processes import runs, wait_until

ROOT = Path(__file__).parents[2]
MUTATIONS = 400


@pytest.fixture
def data() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(make_pixels()).save(buffer, "PNG")
    return buffer.getvalue()


_READ = """
import os, signal, sys
from pathlib import Path
from eca_viz import ImageError
from eca_viz.images import bounded
from eca_viz.images.reading import read_image
for path in sys.argv[2:]:
    try:
        read_image(Path(path))
    except ImageError as error:
        print(error)
print(*bounded._pool.processes(), flush=True)
os.kill(os.getpid(), int(sys.argv[1]))
"""


def read_in_script(*paths: Path, end: int = 0) -> list[str]:
    """What a script prints that reads images, of which the last line are its processes."""
    command = [sys.executable, "-W", "always", "-c", _READ, str(end), *map(str, paths)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (-end, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("end", [0, signal.SIGKILL, signal.SIGTERM])
def test_no_process_is_left(end: int, photograph_file: Path) -> None:
    processes = read_in_script(photograph_file, end=end)[-1].split()
    assert len(processes) == 1
    wait_until(lambda: not runs(int(processes[0])))


def test_nothing_is_written_to_standard_error(tmp_path: Path) -> None:
    paths = [tmp_path / "bomb.png", tmp_path / "talking.tif"]
    for path, make in zip(paths, (bomb_warning, talking_tiff), strict=True):
        path.write_bytes(make())
    first, second, _ = read_in_script(*paths)
    assert first.startswith("bomb.png has more than 50 megapixels")
    assert second.startswith("talking.tif is damaged")


def test_a_process_imports_pillow_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", decoding.__file__, "1", "1024"],
        check=True,
        input=b"",
        capture_output=True,
    )
    found = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "PIL.Image" in found
    assert not {"torch", "streamlit", "numpy", "pillow_heif", "eca_viz"} & found


def test_a_sample_starts_no_process() -> None:
    code = (
        "from eca_viz.images import bounded; from eca_viz.images.samples import SAMPLES;"
        "[sample.read() for sample in SAMPLES]; assert not bounded._pool.processes()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def _own_processes(data: bytes) -> list[int]:
    read_image(data)
    return list(bounded._pool.processes())


def test_after_a_fork_a_child_has_its_own(data: bytes) -> None:
    read_image(data)
    before = bounded._pool.processes()
    with get_context("fork").Pool(1) as forked:
        theirs = forked.apply(_own_processes, (data,))
    assert len(theirs) == 1
    assert not {*theirs} & {*before}
    np.testing.assert_array_equal(read_image(data).pixels, make_pixels())
    assert bounded._pool.processes() == before
    wait_until(lambda: not runs(theirs[0]))


def test_damaged_images_have_pixels_or_a_sentence() -> None:
    sentences = {outcome(data).split(";")[0] for data in mutations(MUTATIONS, seed=1)}
    assert {"", "x is damaged or incomplete", "x is not an image that can be read"} <= sentences
    assert not any("\n" in sentence for sentence in sentences)
    assert "x was not decoded, since the process for it ended twice" not in sentences
