"""Imagenette from a small folder in its layout."""

from pathlib import Path

import pytest

from eca_viz.errors import DataError
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.networks.preprocess import Preprocess
from eca_viz.training.imagenette import open_imagenette, seen_transform


def test_classes_are_those_of_the_bundled_network(small_imagenette: Path) -> None:
    dataset = open_imagenette(small_imagenette, "val", lambda image: image)
    assert tuple(names[0] for names in dataset.classes) == LABELS


def test_an_image_is_what_an_explanation_sees(small_imagenette: Path) -> None:
    preprocess = Preprocess(resize=40, crop=32)
    seen, label = open_imagenette(small_imagenette, "val", seen_transform(preprocess))[0]
    image, _ = open_imagenette(small_imagenette, "val", lambda image: image)[0]
    assert label == 0
    assert seen.equal(preprocess.normalise(preprocess.crop_image(image.convert("RGB")))[0])


def test_a_missing_data_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected the folder .*imagenette2-160"):
        open_imagenette(tmp_path, "train", lambda image: image)
