"""The example in each public docstring runs and gives what it says."""

import doctest
import inspect
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import eca_viz
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.records import Explanation, ImageInput
from tests.factories import make_pixels, randomise
from tests.own_network import write_own_network

PUBLIC = {name: getattr(eca_viz, name) for name in eca_viz.__all__}
# Tuples and a string have none of their own; errors have the sentence that they are raised with.
WITHOUT = {name for name, value in PUBLIC.items() if isinstance(value, tuple | str)} | {
    name
    for name, value in PUBLIC.items()
    if isinstance(value, type) and issubclass(value, Exception)
}
EXAMPLES = {name: value for name, value in PUBLIC.items() if name not in WITHOUT}
EXAMPLES |= {"eca_viz": eca_viz, "Network.wrap": eca_viz.Network.wrap}


@pytest.fixture(scope="module")
def names(
    china: ImageInput, explained: Explanation, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Any]:
    """What examples take for granted."""
    place = tmp_path_factory.mktemp("examples")
    folder = place / "photos"
    for number, label in enumerate(("church", "tench")):
        (folder / label).mkdir(parents=True)
        for copy in range(2):
            pixels = make_pixels(10 * number + copy)
            Image.fromarray(pixels).save(folder / label / f"{copy}.png")
    return {
        "eca_viz": eca_viz,
        "np": np,
        "image": china,
        "explanation": explained,
        "network": eca_viz.load_network("eca_resnet18_imagenette"),
        "model": randomise(eca_resnet18(num_classes=3)).eval(),
        "images": torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(0)),
        "folder": folder,
        "own_file": write_own_network(place),
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, names: Mapping[str, Any]) -> None:
    text = inspect.getdoc(EXAMPLES[name])
    example = doctest.DocTestParser().get_doctest(str(text), dict(names), name, None, None)
    assert example.examples, f"{name} has no example"
    said: list[str] = []
    found = doctest.DocTestRunner().run(example, out=said.append)
    assert not found.failed, "".join(said)


def test_the_map_names_everything_public() -> None:
    named = set(re.findall(r"\w+", str(eca_viz.__doc__)))
    assert set(eca_viz.__all__) - {"__version__"} <= named
