"""What a network sees of an image, and how classes are named."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from eca_viz import load_network
from eca_viz.errors import SelectionError
from eca_viz.images.reading import read_image
from eca_viz.networks.preprocess import IMAGENET_MEAN, IMAGENET_STD, Preprocess
from tests.factories import make_pixels


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("resize", "crop"), [(176, 160), (37, 36), (49, 49), (90, 97), (41, 52)])
@pytest.mark.parametrize("size", [(640, 427), (120, 470), (160, 160), (33, 40), (101, 37)])
def test_equals_torchvisions_resize_crop_and_normalisation(
    size: tuple[int, int], resize: int, crop: int, interpolation: str
) -> None:
    """Equal pixels, also where the crop is larger than the image, which is padded with black."""
    image = read_image(make_pixels(width=size[0], height=size[1]))
    mode = Image.Resampling[interpolation.upper()]
    seen, tensor = Preprocess(resize, crop, interpolation=mode).see(image)
    cut = v2.Compose(
        [
            v2.Resize(resize, v2.InterpolationMode(interpolation), antialias=True),
            v2.CenterCrop(crop),
        ]
    )(Image.fromarray(image.pixels))
    np.testing.assert_array_equal(seen, np.array(cut))
    normal = v2.Compose(
        [
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )(cut)
    torch.testing.assert_close(tensor[0], torch.Tensor(normal), rtol=0, atol=1e-6)
    back = tensor[0].permute(1, 2, 0) * torch.tensor(IMAGENET_STD) + torch.tensor(IMAGENET_MEAN)
    np.testing.assert_allclose(back.numpy() * 255, seen, atol=1e-3)


@pytest.mark.parametrize("size", [(63, 9), (8, 64), (101, 9)])
def test_what_is_cut_off_a_long_image_is_what_torchvision_cuts_off(size: tuple[int, int]) -> None:
    pixels = make_pixels(width=size[0], height=size[1])
    seen, _ = Preprocess(20, 20).see(read_image(pixels))
    box = [min(side, 4 * min(size)) for side in reversed(size)]
    cut = v2.Compose([v2.CenterCrop(box), v2.Resize(20, antialias=True), v2.CenterCrop(20)])
    np.testing.assert_array_equal(seen, np.array(cut(Image.fromarray(pixels))))


def test_a_very_long_photograph_does_not_fill_the_memory() -> None:
    """Scaled as a whole, it would become 160 × 1,000,000 pixels."""
    strip = np.zeros((8, 50_000, 3), dtype=np.uint8)
    strip[:, 24_990:25_010] = 255
    seen, _ = Preprocess(resize=160, crop=160).see(read_image(strip))
    assert seen.shape == (160, 160, 3)
    assert (seen == 255).all()


def test_classes_by_index_and_by_label() -> None:
    network = load_network("eca_resnet18_imagenette")
    assert network.class_index(4) == network.class_index("4") == network.class_index("Church") == 4
    with pytest.raises(SelectionError, match="give 0 to 9"):
        network.class_index(10)
    with pytest.raises(SelectionError, match="give 0 to 9"):
        network.class_index("-1")
    with pytest.raises(SelectionError, match="knows 10 classes: tench"):
        network.class_index("pagoda")
    with pytest.raises(SelectionError, match="got class '--5'"):
        network.class_index("--5")
    for long in ("9" * 5000, "-" + "9" * 5000, 10**5000, -(10**5000), "x" * 5000):
        with pytest.raises(SelectionError, match="got class .{80,84}…") as caught:
            network.class_index(long)
        assert len(str(caught.value)) < 400
