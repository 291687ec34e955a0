"""Saliency of one channel: Captum's neuron methods are the oracle."""

import numpy as np
import pytest
import torch
from captum.attr import (
    NeuronGradient,
    NeuronGuidedBackprop,
    NeuronIntegratedGradients,
)
from torch import Tensor, nn

from eca_viz.errors import SaliencyError, SelectionError
from eca_viz.inspection.channel_saliency import ChannelScores, channel_saliency
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.clone import clone
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.records import ChannelTarget, Explanation
from eca_viz.saliency.methods.channel import CHANNEL_METHODS
from tests.factories import QUICK

LAYER, CHANNEL = "layer2.0.eca", 17
BY_NAME = {method.name: method for method in CHANNEL_METHODS}


def average(output: Tensor) -> Tensor:
    """Captum's neuron selector: the channel's average behind the gate."""
    return output[:, CHANNEL].mean((1, 2))


def parts(explained: Explanation) -> tuple[nn.Module, nn.Module, Tensor]:
    network = load_network(DEFAULT_NETWORK)
    model = clone(network.module)
    inputs = network.spec.preprocess.normalise(explained.seen)
    return model, model.get_submodule(LAYER), inputs


def ours(explained: Explanation, method: str) -> np.ndarray:
    network = load_network(DEFAULT_NETWORK)
    found = channel_saliency(
        network, explained, LAYER, CHANNEL, method, parameters=QUICK.get(method, {})
    )
    assert found.target == ChannelTarget(LAYER, CHANNEL)
    assert found.target.label == "channel 17 of layer2.0.eca"
    return found.values


def test_the_gradient_is_captums(explained: Explanation) -> None:
    model, layer, inputs = parts(explained)
    gradient = NeuronGradient(model, layer).attribute(inputs, average)
    expected = gradient.abs().amax(1)[0].detach().numpy()
    assert expected.any()
    np.testing.assert_allclose(ours(explained, "saliency"), expected, rtol=1e-4, atol=1e-8)
    product = (gradient * inputs).sum(1)[0].detach().numpy()
    np.testing.assert_allclose(ours(explained, "input_x_gradient"), product, rtol=1e-4, atol=1e-8)


def test_integrated_gradients_are_captums(explained: Explanation) -> None:
    model, layer, inputs = parts(explained)
    expected = NeuronIntegratedGradients(model, layer).attribute(
        inputs, average, n_steps=10, internal_batch_size=4
    )
    np.testing.assert_allclose(
        ours(explained, "integrated_gradients"),
        expected.sum(1)[0].detach().numpy(),
        rtol=1e-3,
        atol=1e-7,
    )


def test_guided_backprop_is_captums(explained: Explanation) -> None:
    model, layer, inputs = parts(explained)
    expected = NeuronGuidedBackprop(model, layer).attribute(inputs, average)
    np.testing.assert_allclose(
        ours(explained, "guided_backprop"),
        expected.abs().amax(1)[0].detach().numpy(),
        rtol=1e-4,
        atol=1e-8,
    )


def test_occlusion_adds_up_to_nothing_where_nothing_is_hidden(explained: Explanation) -> None:
    """A square's value is what the average loses when the square is painted over."""
    network = load_network(DEFAULT_NETWORK)
    scores = ChannelScores(clone(network.module), LAYER)
    inputs = network.spec.preprocess.normalise(explained.seen)
    hidden = inputs.clone()
    hidden[..., :64, :64] = 0
    with torch.no_grad():
        loss = float(scores(inputs)[0, CHANNEL] - scores(hidden)[0, CHANNEL])
    corner = ours(explained, "occlusion")[0, 0]  # only the first square reaches it
    assert corner == pytest.approx(loss, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("name", ["resnet_tiny_se", "resnet_tiny_eca_ns"])
@pytest.mark.parametrize("method", BY_NAME)
def test_every_method_runs_on_every_make_of_layer(
    name: str, method: str, explained: Explanation
) -> None:
    import eca_viz

    assert name in trained_variants().values()
    network = load_network(name)
    explanation = eca_viz.explain(explained.image, network, saliency=())
    told: list[float] = []
    found = channel_saliency(
        network,
        explanation,
        explanation.attention[1].layer,
        5,
        method,
        parameters=QUICK.get(method, {}),
        progress=lambda _, fraction: told.append(fraction),
    )
    assert found.values.shape == explanation.seen.shape[:2]
    assert np.isfinite(found.values).all()
    assert told[0] == 0
    assert found.reading == BY_NAME[method].reading
    assert "class" not in found.reading


def test_the_shared_network_is_left_as_it_was(explained: Explanation) -> None:
    ours(explained, "saliency")
    network = load_network(DEFAULT_NETWORK)
    assert not any(module._forward_hooks for module in network.module.modules())
    assert not any(parameter.requires_grad for parameter in network.module.parameters())


def test_bad_requests(explained: Explanation) -> None:
    network = load_network(DEFAULT_NETWORK)
    with pytest.raises(SelectionError, match="no channel 128; give one from 0 to 127"):
        channel_saliency(network, explained, LAYER, 128)
    with pytest.raises(SaliencyError, match="'grad_cam'; there are: saliency, input_x_gradient"):
        channel_saliency(network, explained, LAYER, 1, "grad_cam")
    with pytest.raises(SelectionError, match="no attention layer"):
        channel_saliency(network, explained, "layer9", 1)


def test_a_layer_that_does_not_run() -> None:
    class Idle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = nn.Identity(), nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            return self.used(x)

    with pytest.raises(RuntimeError, match="did not run"):
        ChannelScores(Idle(), "idle")(torch.zeros(1, 2, 3, 3))
