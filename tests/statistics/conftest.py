"""Folders of images for statistics, and a network with few channels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from eca_viz.networks.spec import Network
from eca_viz.records import FolderStatistics
from eca_viz.statistics.local import local
from eca_viz.statistics.run import folder_statistics
from eca_viz.storage import copy_table, untrusted_table
from tests.factories import TwoLayers, make_network, make_pixels, randomise

CLASSES = ("n01440764", "church", "nothing known")
EACH = 100


@pytest.fixture(scope="session")
def small() -> Network:
    torch.manual_seed(3)
    module = randomise(TwoLayers()).requires_grad_(False)
    return make_network(module, side=32, labels=("tench", "church", "cup"), sha256="f" * 64)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 images in three classes that differ in their colours."""
    root = tmp_path_factory.mktemp("images")
    for number, name in enumerate(CLASSES):
        (root / name).mkdir()
        for copy in range(EACH):
            pixels = make_pixels(1000 * number + copy, 40, 56)
            pixels = np.clip(pixels * (0.5 + 0.25 * number), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{copy:03}.png")
    return root


@pytest.fixture(scope="session")
def found(small: Network, folder: Path) -> FolderStatistics:
    """Their statistics, computed in one process."""
    return folder_statistics(folder, small, effects=True, engine=local(0))


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are read here: to start a process for each of many would take long."""
    monkeypatch.setattr(
        untrusted_table,
        "_copy",
        lambda source, target, rows, _: copy_table.copy(source, target, rows),
    )
