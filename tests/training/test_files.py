"""The metadata of trained weights and of mean gates: the same entries as in the shipped files."""

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from torch import nn

from eca_viz import load_network
from eca_viz.gates.reference import reference_file
from eca_viz.networks.files.trusted import digest, read_weights
from eca_viz.paths import ASSETS
from eca_viz.training.files import write_gates, write_trained
from eca_viz.training.recipe import BUNDLED

MORE = {
    "eca_resnet18_imagenette": {
        "training_seconds": 9,
        "trained_on": "cpu",
        "validation_images": 10,
    },
    "resnet_tiny_eca": {"run": {"seed": 3}},
}


@pytest.mark.parametrize("name", MORE)
def test_trained_weights_say_what_made_them(name: str, tmp_path: Path) -> None:
    path = tmp_path / "made.safetensors"
    write_trained(
        nn.Linear(2, 2),
        path,
        network=name,
        labels=("a", "b"),
        recipe=BUNDLED,
        seed=3,
        top1=0.123456,
        **MORE[name],
    )
    metadata = read_weights(path, digest(path))[1]
    assert metadata.keys() == load_network(name).metadata.keys()
    assert metadata == metadata | MORE[name] | {"labels": ["a", "b"], "seed": 3, "top1": 0.1235}


def test_mean_gates_name_the_weights_that_they_belong_to(tmp_path: Path) -> None:
    network = load_network("resnet_tiny_eca")
    path = tmp_path / "gates.safetensors"
    write_gates({"a": np.zeros(2, np.float32)}, path, network, "two images", 2)
    shipped = ASSETS / "statistics" / reference_file("resnet_tiny_eca")
    with safe_open(path, "np") as made, safe_open(shipped, "np") as kept:
        assert made.metadata().keys() == kept.metadata().keys()
        assert made.metadata()["network_sha256"] == kept.metadata()["network_sha256"]
        assert made.metadata()["photographs"] == "2"
