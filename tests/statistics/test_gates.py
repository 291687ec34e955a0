"""Statistics of layers that are known by their output alone."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

import eca_viz
from eca_viz.analysis.statistics import saturation
from eca_viz.figures import gate_histogram
from eca_viz.networks.spec import Network
from eca_viz.saliency.methods.layer import gate_attribution
from eca_viz.statistics.local import local
from eca_viz.statistics.run import folder_statistics
from tests.layers_by_output import GCT
from tests.statistics.listed import list_of


def test_of_layers_that_are_known_by_their_output_alone(folder: Path) -> None:
    torch.manual_seed(0)
    body = (nn.Conv2d(3, 24, 5, stride=4), GCT(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = nn.Sequential(*body, nn.Linear(24, 2))
    nn.init.normal_(model[1].gamma)
    network = Network.wrap(model, preprocess={"resize": 32, "crop": 32})
    paths = sorted(folder.rglob("*.png"))[:20]
    found = folder_statistics(
        folder, network, table=list_of(folder, paths), effects=True, engine=local(0)
    )
    (layer,) = found.layers
    explained = [eca_viz.explain(path, network, ()) for path in paths]
    gates = np.concatenate([one.attention[0].weights for one in explained])
    assert gates.min() < 1 < gates.max()
    np.testing.assert_allclose(layer.total.mean, gates.mean(0), rtol=1e-5)
    inside = layer.total.histogram.sum(1)
    np.testing.assert_array_equal(inside, (gates <= 1).sum(0), "those beyond are in no bin")
    above = int(gates.mean(0).argmax())
    outside = int((gates[:, above] > 1).sum())
    title = gate_histogram(layer, above).layout.title.text
    assert title == f"ω over 20 images, {outside} below 0 or above 1"
    assert saturation(layer).one <= np.mean((gates <= 1) & (gates >= 1 - 1 / 16))
    private = network.private()
    effects = [
        gate_attribution(
            private.module,
            private.layer("1"),
            network.spec.preprocess.normalise(one.seen),
            one.predictions[0].index,
        ).numpy()
        for one in explained
    ]
    assert layer.effects is not None
    np.testing.assert_allclose(layer.effects.mean, np.mean(effects, 0), rtol=1e-4, atol=1e-6)
