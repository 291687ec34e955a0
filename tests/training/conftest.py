"""A data set of twenty training and ten validation photographs in Imagenette's layout."""

from pathlib import Path

import pytest
from PIL import Image
from torchvision.datasets import Imagenette

from tests.conftest import make_pixels


@pytest.fixture(scope="session")
def small_imagenette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for number, folder in enumerate(sorted(Imagenette._WNID_TO_CLASS)):
        for split, count in (("train", 2), ("val", 1)):
            place = root / "imagenette2-160" / split / folder
            place.mkdir(parents=True)
            for copy in range(count):
                pixels = make_pixels(10 * number + copy, 48, 48)
                Image.fromarray(pixels).save(place / f"{split}{copy}.JPEG")
    return root
