"""The lesson with networks of other mechanisms, of other maps and without classes."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import eca_viz
from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.errors import SelectionError
from eca_viz.figures.drawn import alt_of, caption_of
from eca_viz.networks.loading import load_network
from eca_viz.ui.lesson import pictures
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.steps import STEPS, find_step
from eca_viz.ui.state import NetworkChoice
from tests.factories import make_pixels
from tests.layers import C, ECA1d, ECAOnPowers, MaxECA, SE3d
from tests.layers_by_output import GCT


@pytest.mark.parametrize("name", ["resnet_tiny_se", "resnet_tiny_eca"])
def test_every_step_has_a_figure_for_other_networks(name: str) -> None:
    material = material_of(load_network(name))
    for step in STEPS:
        picture = step.picture(material)
        assert picture.figures or picture.drawing or step.id in {"checkpoints", "classes"}
        for figure in picture.figures.values():
            assert caption_of(figure)
            assert alt_of(figure)


class Around(nn.Module):
    """A network around one attention layer."""

    def __init__(self, layer: nn.Module, shape: str = "images") -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, C, 3, stride=4, padding=1)
        self.attention, self.shape = layer, shape
        self.head = nn.Linear(C, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.shape == "sequences":
            x = x.flatten(2)
        elif self.shape == "volumes":
            x = x[:, :, None].repeat(1, 1, 2, 1, 1)
        found: Tensor = self.head(self.attention(x).flatten(2).mean(2))
        return found


def around(layer: nn.Module, shape: str = "images", **given: Any) -> Material:
    torch.manual_seed(2)
    model = Around(layer, shape).eval()
    for parameter in layer.parameters():  # at its initial weights GCT changes nothing
        nn.init.normal_(parameter)
    return material_of(eca_viz.Network.wrap(model, **{"labels": ["a", "b", "c"], **given}))


def material_of(network: eca_viz.Network) -> Material:
    name = network.record.name
    choice = NetworkChoice(f"{name} {id(network)}", name, lambda: network, "", "")
    return Material(eca_viz.explain(make_pixels(3), network, ()), choice)


OTHERS: dict[str, Callable[[], Material]] = {
    "maximum": lambda: around(MaxECA()),
    "GCT": lambda: around(GCT()),
    "opaque": lambda: around(ECAOnPowers(C)),
    "sequences": lambda: around(ECA1d(), "sequences"),
    "volumes": lambda: around(SE3d(), "volumes"),
    "no classes": lambda: around(ECALayer(C), labels=[]),
    "a score": lambda: around(ECALayer(C), labels=[], score=lambda output: output[:, 0]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_step_has_a_figure_or_says_why_not(name: str) -> None:
    material = OTHERS[name]()
    assert material.explanation.attention
    for step in STEPS:
        said = ""
        try:
            picture = step.picture(material)
        except eca_viz.EcaVizError as error:
            said = str(error)
        else:
            said = "a figure" if picture.figures or picture.drawing else picture.said
        assert said == "a figure" or len(said) > 40, step.id
    expected = {"no classes": (False, False), "a score": (False, True)}
    found = asked(material, "ones"), asked(material, "importance")
    assert found == expected.get(name, (True, True))


def test_a_descriptor_that_is_no_average_is_not_called_one() -> None:
    with pytest.raises(SelectionError, match="whose descriptor is the average"):
        pictures.pooling(OTHERS["maximum"]())
    with pytest.raises(SelectionError, match="whose descriptor is the average"):
        pictures.channel_maps(OTHERS["GCT"]())


def asked(material: Material, name: str) -> bool:
    """Whether a step asks its question."""
    step = find_step(name)
    assert step is not None
    assert step.question is not None
    return step.question.applies(material)
