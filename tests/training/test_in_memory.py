"""Images in memory: as in an explanation, then cropped, flipped and re-lit at random."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from eca_viz.errors import DataError
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.networks.preprocess import Preprocess
from eca_viz.training.in_memory import (
    ALIKE,
    LabelledImages,
    augment,
    distort,
    from_memory,
    normalise,
    read_images,
)
from eca_viz.training.recipe import Cycle, Recipe

RECIPE = Recipe(cycles=(Cycle(2, (24, 32), 1e-3, 0.0),), batch_size=8)


def read(root: Path, split: str = "train") -> LabelledImages:
    return read_images(root, split, 40, lambda done, total: None)


def test_images_are_what_an_explanation_sees(small_imagenette: Path) -> None:
    done: list[tuple[int, int]] = []
    images = read_images(small_imagenette, "val", 40, lambda *now: done.append(now))
    assert done[-1] == (10, 10)
    assert sorted(images.labels.tolist()) == list(range(len(LABELS)))
    folder = small_imagenette / "imagenette2-160" / "val"
    path = next(sorted(folder.iterdir())[0].iterdir())
    preprocess = Preprocess(resize=40, crop=40)
    seen = preprocess.crop_image(Image.open(path).convert("RGB"))
    np.testing.assert_array_equal(images.pixels[0].permute(1, 2, 0), seen)
    torch.testing.assert_close(normalise(images.pixels[:1]), preprocess.normalise(seen))


def test_a_whole_image_comes_back_but_for_flip_and_light() -> None:
    """With a crop of everything, what is left is the image or its mirror image, lit anew."""
    torch.manual_seed(0)
    ramp = torch.linspace(60, 180, 32).expand(64, 3, 32, 32).to(torch.uint8)
    out = augment(ramp, 32, 1.0)
    assert out.shape == (64, 3, 32, 32)
    rising = out[:, 0, 0, -1] > out[:, 0, 0, 0]
    assert 10 < int(rising.sum()) < 54, "about half are flipped"
    assert len({round(float(v), 4) for v in out.mean((1, 2, 3))}) > 60, "each has its own light"


def test_crops_differ_and_the_seed_decides() -> None:
    pixels = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)

    def draw(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return augment(pixels, 24, 0.3)

    torch.testing.assert_close(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))
    assert draw(1).isfinite().all()


def test_a_few_images_share_a_distortion_and_others_have_another() -> None:
    """On even images, where crop and flip change nothing."""
    torch.manual_seed(0)
    even = torch.tensor([40, 120, 200], dtype=torch.uint8).view(3, 1, 1)
    out = augment(even.expand(8 * ALIKE, 3, 32, 32), 24, 0.5, distort)
    assert out.shape == (8 * ALIKE, 3, 24, 24)
    few = out.split(ALIKE)
    for alike in few:
        torch.testing.assert_close(alike, alike[:1].expand_as(alike))
    assert len({tuple(alike[0].flatten().tolist()) for alike in few}) > 3


def test_an_epoch_shows_each_image_at_most_once(small_imagenette: Path) -> None:
    images = read(small_imagenette)
    source = from_memory(images, RECIPE, seed=3, classes=10)
    batches = list(source(0))
    assert len(batches) == len(source(0)) == 2
    assert batches[0][0].shape == (8, 3, 24, 24)
    assert next(iter(source(1)))[0].shape == (8, 3, 32, 32)
    shares = torch.cat([labels for _, labels in batches])
    assert shares.shape == (16, 10)
    assert int(shares.sum(0).max()) <= 2, "there are two images of each class"


def test_the_seed_decides_the_order(small_imagenette: Path) -> None:
    images = read(small_imagenette)

    def order(seed: int) -> list[int]:
        source = from_memory(images, RECIPE, seed=seed, classes=10)
        return [int(one) for _, labels in source(0) for one in labels.argmax(1)]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_fewer_than_a_batch_is_an_error(small_imagenette: Path) -> None:
    many = dataclasses.replace(RECIPE, batch_size=32)
    images = read(small_imagenette, "val")
    with pytest.raises(DataError, match="got 10 training images, fewer than a batch of 32"):
        from_memory(images, many, seed=0, classes=10)
