"""SE networks of torchvision."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from torchvision import models
from torchvision.ops import SqueezeExcitation

import eca_viz
from eca_viz.gates.forward import attend
from eca_viz.images.reading import read_image
from eca_viz.networks.hubs import torchvision_hub
from eca_viz.networks.shapes_only import ShapesOnly
from eca_viz.networks.survey import listed
from tests.factories import make_pixels, randomise, save_bare
from tests.networks.rows import row_of


def test_names_are_all_of_torchvision_with_se() -> None:
    names = {name.removeprefix("torchvision:") for name in torchvision_hub.names()}
    assert {"mobilenet_v3_small", "efficientnet_b0", "regnet_y_400mf"} <= names
    for name in models.list_models(module=models):
        if name in {"googlenet", "inception_v3"}:  # these warn that they draw weights slowly
            continue
        with ShapesOnly():
            model = models.get_model(name)
        found = any(isinstance(module, SqueezeExcitation) for module in model.modules())
        assert found == (name in names), name


@pytest.mark.parametrize("name", torchvision_hub.names())
def test_described_by_torchvisions_metadata(name: str) -> None:
    found = torchvision_hub.find_network(name)
    outline = found.outline()
    assert outline.state_dict()[found.head].shape[0] == found.classes == len(found.labels())
    assert found.gradcam_layer
    outline.get_submodule(found.gradcam_layer)
    layers = eca_viz.find_attention(outline)
    assert {layer.mechanism.name for layer in layers} == {"se"}
    assert all(layer.reduction and layer.reduction > 1 for layer in layers)
    assert listed(found, outline) == row_of(name)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "efficientnet_b0", "regnet_y_400mf"])
def test_opens_from_a_file_alone(name: str, tmp_path: Path) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        direct = randomise(models.get_model(name, num_classes=4))
    path = tmp_path / "w.pth"
    save_bare(direct, path)
    network = eca_viz.load_network(path)
    assert network.record.title.startswith(name)
    _, inputs = network.spec.preprocess.see(read_image(make_pixels()))
    with torch.no_grad():
        expected = direct(inputs)
    logits, attention = attend(network.private(), inputs)
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    assert all(record.kernel_size is None and record.reduction for record in attention)
    again = eca_viz.load_network(f"torchvision:{name}", weights=path)
    torch.testing.assert_close(attend(again.private(), inputs)[0], logits, rtol=0, atol=0)
    explanation = eca_viz.explain(make_pixels(), network, saliency="grad_cam")
    assert explanation.saliency[0].values.any()


def test_sees_a_photograph_as_torchvisions_own_transform() -> None:
    found = torchvision_hub.find_network("torchvision:mobilenet_v3_large")
    pixels = make_pixels(3, 400, 301)
    _, ours = found.preprocess.see(read_image(pixels))
    theirs = models.MobileNet_V3_Large_Weights.DEFAULT.transforms()(Image.fromarray(pixels))
    torch.testing.assert_close(ours[0], theirs, rtol=1e-5, atol=1e-5)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(eca_viz.NetworkError, match="torchvision:mobilenet_v3_small"):
        eca_viz.load_network("torchvision:mobilenet_v3")
