"""Batches from a small data set laid out as Imagenette."""

from pathlib import Path

import pytest
import torch

from eca_viz.errors import DataError
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.training.imagenette import open_imagenette, training_batches, training_transform


def test_batches_have_the_size_and_order_that_the_seed_gives(small_imagenette: Path) -> None:
    def first(seed: int) -> torch.Tensor:
        torch.manual_seed(0)
        batches = training_batches(
            small_imagenette,
            size=32,
            smallest_crop=0.3,
            batch_size=4,
            mix=lambda images, labels: (images, labels),
            generator=torch.Generator().manual_seed(seed),
            workers=0,
        )
        assert len(batches) == 5
        images, labels = next(iter(batches))
        assert images.shape == (4, 3, 32, 32)
        assert images.dtype == torch.float32
        return labels

    torch.testing.assert_close(first(1), first(1))
    assert any(not torch.equal(first(1), first(seed)) for seed in (2, 3, 4))


def test_classes_are_those_of_the_bundled_network(small_imagenette: Path) -> None:
    dataset = open_imagenette(small_imagenette, "val", training_transform(32, 0.3))
    assert tuple(names[0] for names in dataset.classes) == LABELS


def test_a_missing_data_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected the folder .*imagenette2-160"):
        open_imagenette(tmp_path, "train", training_transform(32, 0.3))
