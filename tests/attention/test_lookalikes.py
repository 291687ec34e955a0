"""What looks like attention and has an unknown structure, in the odd cases."""

import dataclasses
import warnings

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import eca_viz
from eca_viz.errors import GateError, UnreadAttentionWarning
from eca_viz.inspection.gate_effects import channel_effects
from eca_viz.networks.spec import Network
from eca_viz.statistics.explained import explained_statistics
from tests.factories import make_pixels
from tests.layers import CalledECA, GateECA
from tests.layers_by_output import GCT, AbsoluteGCT, OfficialGCT

C = 24


def body(layer: nn.Module) -> nn.Sequential:
    """A network with dead channels in front of a layer."""
    torch.manual_seed(0)
    conv = nn.Conv2d(3, C, 5, stride=3)
    with torch.no_grad():
        for tensor in (conv.weight, conv.bias):
            assert tensor is not None
            tensor[:3] = 0
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(C, 3))
    return nn.Sequential(conv, layer, *head).eval()


def gct(kind: type[GCT | OfficialGCT] = GCT) -> nn.Module:
    layer = kind()
    nn.init.normal_(layer.gamma)
    nn.init.normal_(layer.beta)
    return layer


@pytest.fixture
def network() -> Network:
    return Network.wrap(body(gct()), preprocess={"resize": 48, "crop": 48})


def test_a_channel_of_zeros_has_the_gate_that_the_layer_would_give_it(network: Network) -> None:
    explanation = eca_viz.explain(make_pixels(), network, ())
    layer = network.module[1]
    with torch.no_grad():
        x = network.module[0](network.inputs_of(explanation))
        norms = (x.square().sum((2, 3)) + 1e-5).sqrt()
        shares = norms / (norms.square().mean(1, keepdim=True) + 1e-5).sqrt()
        gates = 1 + torch.tanh(layer.gamma * shares + layer.beta)
    assert not x[:, :3].any()
    np.testing.assert_allclose(explanation.attention[0].weights, gates, rtol=1e-3)


@pytest.mark.parametrize("gates", [(), "all:ones", "all:channel=5,0", "all:shuffle=1"])
@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "grad_cam"])
def test_channels_of_zeros_leave_saliency_as_it_is(
    network: Network, method: str, gates: str
) -> None:
    explanation = eca_viz.explain(make_pixels(), network, method, gates=gates)
    assert np.isfinite(explanation.saliency[0].values).all()
    assert explanation.saliency[0].values.any()


def test_changes_go_by_the_gates_of_channels_of_zeros_too(network: Network) -> None:
    before = eca_viz.explain(make_pixels(), network, ()).attention[0].weights
    mean = eca_viz.explain(make_pixels(), network, (), gates="layer_mean").attention[0].weights
    np.testing.assert_allclose(mean[0, 3:], before.mean(), rtol=1e-3)
    explanation = eca_viz.explain(make_pixels(), network, ())
    reference = eca_viz.reference_gates(network)
    effects = channel_effects(network, explanation, "1", 0, reference=reference)
    assert np.isfinite(effects.change).all()
    np.testing.assert_allclose(effects.change[:3], 0, atol=1e-6)


def test_in_training_its_gate_stays_unknown_without_a_formula() -> None:
    model = body(gct(AbsoluteGCT)).train()
    with eca_viz.capture(model) as recorder:
        model(torch.randn(2, 3, 48, 48))
    weights = recorder.records[0].weights
    assert np.isnan(weights[:, :3]).all()
    assert np.isfinite(weights[:, 3:]).all()
    assert recorder.statistics()["1"].not_finite == 6


def test_statistics_leave_out_what_is_not_known(network: Network) -> None:
    explained = [eca_viz.explain(make_pixels(seed), network, ()) for seed in range(3)]
    unknown = explained[1].attention[0].weights.copy()
    unknown[0, 4] = np.nan
    (record,) = explained[1].attention
    part = dataclasses.replace(
        explained[1], attention=(dataclasses.replace(record, weights=unknown),)
    )
    found = explained_statistics([explained[0], part, explained[2]])
    known = np.concatenate([one.attention[0].weights for one in (explained[0], explained[2])])
    assert (found.images, found.layers[0].total.count) == (3, 2)
    np.testing.assert_allclose(found.layers[0].total.mean, known.mean(0), rtol=1e-5)


class Residual(nn.Module):
    """A branch that begins at zero, as in many networks, and is no attention."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.gamma = nn.Conv2d(C, C, 1), nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.gamma * torch.tanh(self.conv(x))


def test_a_branch_that_begins_at_zero_is_no_gate_of_one() -> None:
    model = body(Residual())
    with warnings.catch_warnings(), eca_viz.capture(model) as recorder, torch.no_grad():
        warnings.simplefilter("ignore", UnreadAttentionWarning)
        model(torch.randn(1, 3, 48, 48))
        assert recorder.records == ()
        model[1].gamma.fill_(1.0)
        model(torch.randn(1, 3, 48, 48))
    assert recorder.records == ()
    (sentence,) = recorder.unread
    assert sentence.startswith("1 module looks like attention and is not read: 1; no factor")


class Sometimes(GateECA):
    """A gate, but of bright images something else."""

    def forward(self, x: Tensor) -> Tensor:
        y = torch.sigmoid(self.weight.sum() * x.mean((2, 3), keepdim=True))
        return x.square() if x.mean() > 5 else x * y


def test_a_guess_that_fails_later_has_no_gates_there() -> None:
    model = nn.Sequential(nn.Conv2d(3, C, 1), Sometimes())
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(torch.randn(1, 3, 9, 9))
        model[0].bias += 100
        model(torch.randn(1, 3, 9, 9))
    first, second = recorder.records
    assert np.isfinite(first.weights).all()
    assert np.isnan(second.weights).all()


class Bytes(nn.Module):
    """Takes whole numbers, and squashes something."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.scale * x.float())


def test_whole_numbers_as_input_fail_no_pass() -> None:
    model = nn.Sequential(Bytes(), nn.Conv2d(3, C, 3), CalledECA())
    with warnings.catch_warnings(), eca_viz.capture(model) as recorder, torch.no_grad():
        warnings.simplefilter("ignore", UnreadAttentionWarning)
        model(torch.zeros(1, 3, 9, 9, dtype=torch.uint8))
    assert [one.layer for one in recorder.records] == ["2"]
    with (
        pytest.raises(eca_viz.NetworkError, match="^0 is named in `also`, got .* of torch.uint8"),
        eca_viz.capture(model, also=["0"]),
    ):
        model(torch.zeros(1, 3, 9, 9, dtype=torch.uint8))


class Named(nn.Module):
    """Calls its gate by the name of its argument."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.gate = nn.Conv2d(3, C, 1), GateECA()

    def forward(self, x: Tensor) -> Tensor:
        gated: Tensor = self.gate(x=self.conv(x))
        return gated


def test_a_call_by_name_is_seen() -> None:
    model = Named()
    x = torch.randn(1, 3, 9, 9)
    with torch.no_grad(), eca_viz.capture(model) as recorder:
        out = model(x)
        expected = out / model.conv(x)
    np.testing.assert_allclose(recorder.records[0].weights, expected[:, :, 0, 0], rtol=1e-4)
    with torch.no_grad(), eca_viz.intervene(model, "gate:ones"):
        torch.testing.assert_close(model(x), model.conv(x))


def test_a_change_that_changes_nothing_is_told() -> None:
    model = body(Residual())
    nn.init.ones_(model[1].gamma)
    x = torch.randn(1, 3, 48, 48)
    for change in ("all:ones", "1:ones"):
        with (
            pytest.warns(UnreadAttentionWarning, match="^1 is left as it is: no factor"),
            eca_viz.intervene(model, change),
        ):
            model(x)
    with (
        pytest.raises(GateError, match="for 1, whose formula is not known"),
        eca_viz.intervene(model, "1:permute=1"),
    ):
        pass


def test_a_network_that_refuses_noise_has_undecided_guesses() -> None:
    class Strict(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = body(gct())

        def forward(self, x: Tensor) -> Tensor:
            if x.min() > 0.0:
                raise ValueError("give normalised images")
            logits: Tensor = self.inner(x)
            return logits

    network = Network.wrap(Strict(), preprocess={"resize": 48, "crop": 48})
    assert network.layers == ()
    explanation = eca_viz.explain(make_pixels(), network, ())
    (sentence,) = explanation.unread
    assert "not read: inner.1; no pass has shown whether a factor" in sentence
