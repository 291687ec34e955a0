"""The feature maps that a layer weighs are those that it saw."""

import numpy as np
import pytest
import torch

import eca_viz
from eca_viz.errors import SelectionError
from eca_viz.inspection.feature_maps import feature_maps
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.clone import clone
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.records import Explanation


@pytest.mark.parametrize("name", [DEFAULT_NETWORK, *trained_variants().values()])
def test_their_averages_are_the_descriptor(name: str, explained: Explanation) -> None:
    network = load_network(name)
    explanation = eca_viz.explain(explained.image, network, saliency=())
    for record in explanation.attention:
        maps = feature_maps(network, explanation, record.layer)
        assert maps.before.shape[0] == record.channels
        average = maps.before.mean((1, 2))
        np.testing.assert_allclose(average, record.descriptor[0], rtol=1e-4, atol=1e-5)


def test_times_the_weights_they_are_what_the_layer_gives(explained: Explanation) -> None:
    network = load_network(DEFAULT_NETWORK)
    record = explained.attention[3]
    given: list[torch.Tensor] = []
    model = clone(network.module)
    layer = model.get_submodule(record.layer)
    layer.register_forward_hook(lambda m, i, output: given.append(output.clone()))
    with torch.inference_mode():
        model(network.spec.preprocess.normalise(explained.seen))
    before = feature_maps(network, explained, record.layer).before
    np.testing.assert_allclose(
        before * record.weights[0][:, None, None], given[0][0].numpy(), rtol=1e-4, atol=1e-5
    )


def test_where_gates_were_changed_the_maps_behind_them_are_others(explained: Explanation) -> None:
    network = load_network(DEFAULT_NETWORK)
    changed = eca_viz.explain(explained.image, network, (), gates="layer1:half")
    record = changed.attention[-1]
    average = feature_maps(network, changed, record.layer).before.mean((1, 2))
    np.testing.assert_allclose(average, record.descriptor[0], rtol=1e-4, atol=1e-5)
    assert not np.allclose(average, explained.attention[-1].descriptor[0], rtol=1e-2)


def test_the_shared_network_is_left_as_it_was(explained: Explanation) -> None:
    network = load_network(DEFAULT_NETWORK)
    feature_maps(network, explained, explained.attention[0].layer)
    assert not any(module._forward_pre_hooks for module in network.module.modules())


def test_an_unknown_layer(explained: Explanation) -> None:
    with pytest.raises(SelectionError, match="no attention layer 'layer9'"):
        feature_maps(load_network(DEFAULT_NETWORK), explained, "layer9")
