"""What tests share: images that they make, and when skipping is an error."""

import io
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

# Before any import that reads them: what a person has downloaded must not change a test.
os.environ["ECA_VIZ_CACHE"] = tempfile.mkdtemp(prefix="eca_viz-tests-")
os.environ["HF_HUB_CACHE"] = str(Path(os.environ["ECA_VIZ_CACHE"], "no-hub"))
if os.environ.get("ECA_VIZ_LINES_RUN"):
    import tests.lines_run

from eca_viz.images.samples import SAMPLES
from eca_viz.records import Explanation, ImageInput
from tests.factories import make_pixels, write_imagenette

# A shell has what it starts in the background ignore SIGINT, and so would what tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where ECA_VIZ_NO_SKIP is set, as in CI, a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("ECA_VIZ_NO_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


def pytest_unconfigure() -> None:
    if os.environ.get("ECA_VIZ_LINES_RUN"):
        tests.lines_run.write()
    shutil.rmtree(os.environ["ECA_VIZ_CACHE"], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Random numbers are the same for a test and its fixtures whatever ran before."""
    torch.manual_seed(0)


@pytest.fixture
def pixels() -> np.ndarray:
    return make_pixels()


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Encodes a PIL image into bytes of a format."""

    def run(picture: Image.Image, format: str = "PNG", **options: object) -> bytes:
        buffer = io.BytesIO()
        picture.save(buffer, format=format, **options)
        return buffer.getvalue()

    return run


@pytest.fixture
def photograph_file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(make_pixels()).save(path)
    return path


@pytest.fixture(scope="session")
def china() -> ImageInput:
    return SAMPLES[0].read()


@pytest.fixture(scope="session")
def explained(china: ImageInput) -> Explanation:
    """An explanation of a sample with a signed and an unsigned map."""
    from eca_viz import explain

    return explain(
        china,
        saliency=("integrated_gradients", "grad_cam"),
        parameters={"integrated_gradients": {"n_steps": 10}},
    )


@pytest.fixture(scope="session")
def imagenette() -> Path:
    folder = os.environ.get("ECA_VIZ_IMAGENETTE")
    if not folder:
        pytest.skip("needs Imagenette: set ECA_VIZ_IMAGENETTE to the folder that holds it")
    return Path(folder)


@pytest.fixture(scope="session")
def small_imagenette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    write_imagenette(root)
    return root
