"""Every layer is read as what it is, or named as one that is not read."""

import types
import warnings

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import eca_viz
from eca_viz import GateError, UnreadAttentionWarning
from eca_viz.attention.discovery import AttentionLayer
from eca_viz.attention.jacobian import jacobians
from eca_viz.attention.lookalikes import with_guesses
from eca_viz.attention.registry import find_mechanism
from eca_viz.gates.capture import capture
from eca_viz.gates.intervene import intervene
from eca_viz.gates.recorder import Recorder
from tests.layer_cases import CASES, Case
from tests.layers import C, GateECA
from tests.readings import Net, build, table
from tests.ui.factories import ROOT

READ = [one for one in CASES if one.verified != "unread"]


def found_in(net: Net) -> tuple[AttentionLayer, ...]:
    """The layers of a network, with those that a pass must show."""
    return with_guesses(net, eca_viz.find_attention(net))[0]


def run(net: Net, case: Case) -> tuple[Recorder, Tensor, Tensor]:
    x = torch.randn(3, *case.shape) * 2 + 0.5
    with warnings.catch_warnings(), capture(net) as recorder, torch.no_grad():
        warnings.simplefilter("ignore", UnreadAttentionWarning)
        out = net(x.clone())
    return recorder, x, out


@pytest.mark.parametrize("case", READ, ids=lambda one: one.title)
def test_what_is_read_is_what_the_layer_does(case: Case) -> None:
    net = build(case)
    with warnings.catch_warnings(), capture(net) as recorder, torch.no_grad():
        warnings.simplefilter("ignore", UnreadAttentionWarning)
        net(torch.randn(3, *case.shape))
        recorder.clear()
        x = torch.randn(3, *case.shape) * 2 + 0.5
        out = net(x.clone())  # read as the first pass showed
    (record,) = recorder.records
    assert (record.mechanism, record.pooling) == (case.mechanism, case.pooling), record.doubt
    assert record.verified == case.verified
    assert bool(record.doubt) == (case.verified == "weights")
    gates = record.weights.reshape(3, -1, *[1] * (x.ndim - 2))
    np.testing.assert_allclose(out, x.numpy() * gates, rtol=1e-4, atol=1e-6)
    if record.maximum is not None:
        np.testing.assert_allclose(record.maximum, x.amax(tuple(range(2, x.ndim))), rtol=1e-5)
    if record.verified == "weights":
        assert (record.taps, record.kernel_size, record.reduction) == (None, None, None)
        positions = tuple(range(2, x.ndim))
        np.testing.assert_allclose(record.descriptor, x.mean(positions), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "case", [one for one in READ if one.verified == "formula"], ids=lambda one: one.title
)
def test_the_terms_of_the_formula_add_up_to_the_logits(case: Case) -> None:
    net = build(case)
    recorder, _, _ = run(net, case)
    (record,) = recorder.records
    (layer,) = found_in(net)
    mechanism = find_mechanism(record.mechanism)
    second = None if record.second is None else torch.tensor(record.second[0])
    inputs = mechanism.inputs(layer.module, torch.tensor(record.descriptor[0]), second).float()
    hard = mechanism.activation(layer.module) == "hard sigmoid"
    assert hard == ("hard" in case.title or "ese" in case.title)
    gates = mechanism.gates(layer.module, torch.tensor(record.logits))
    np.testing.assert_allclose(gates, record.weights, rtol=1e-5)
    for channel in (0, 7, record.channels - 1):
        row = mechanism.row(layer.module, channel, record.channels)
        assert row is not None
        places = row.places % len(inputs) if row.wraps else row.places
        inside = (places >= 0) & (places < len(inputs))
        total = float((inputs[places[inside]] * row.coefficients[inside]).sum()) + row.bias
        assert total == pytest.approx(float(record.logits[0, channel]), abs=1e-5)


@pytest.mark.parametrize(
    "case",
    [one for one in READ if one.verified == "formula" and one.pooling != "DCT"],
    ids=lambda one: one.title,
)
def test_the_jacobian_is_that_of_the_layer(case: Case) -> None:
    """A shift of a whole channel shifts its average and its maximum, and leaves its deviation."""
    net = build(case).double()
    x = torch.randn(1, *case.shape, dtype=torch.double)
    shift = torch.zeros(C, dtype=torch.double, requires_grad=True)
    with capture(net) as recorder:
        net(x.clone())
    (record,) = recorder.records
    layer = net.layer
    mechanism = find_mechanism(record.mechanism)

    def gates(moved: Tensor) -> Tensor:
        given = x + moved.reshape(1, -1, *[1] * (x.ndim - 2))
        out = layer(given.clone())
        return (out / given if out.shape == given.shape else out).flatten(2)[0, :, 0]

    def descriptor(moved: Tensor) -> Tensor:
        given = x + moved.reshape(1, -1, *[1] * (x.ndim - 2))
        return mechanism.descriptors(layer, given, torch.tensor(record.logits))[0][0]

    expected = torch.autograd.functional.jacobian(gates, shift)
    y = torch.tensor(record.descriptor[0]).double()
    second = None if record.second is None else torch.tensor(record.second[0]).double()
    found = jacobians(layer, mechanism, y, second).jacobian
    if record.maximum is not None:
        found = found + jacobians(layer, mechanism, second, y).jacobian
    if mechanism.tentative:
        found = found @ torch.autograd.functional.jacobian(descriptor, shift)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "case", [one for one in CASES if one.verified == "unread"], ids=lambda one: one.title
)
def test_what_is_not_read_is_named_in_a_warning(case: Case) -> None:
    net = build(case)
    if "SpatialAttn" in case.title:
        with pytest.raises(
            eca_viz.NetworkError, match=r"not read: layer; it has a factor for each"
        ):
            capture(net).__enter__()
        return
    guessed = not eca_viz.find_attention(net)
    told = r"not read: layer; no factor" if guessed else r"^layer .*; it is not shown, but `also`"
    with (
        pytest.warns(UnreadAttentionWarning, match=told),
        capture(net) as recorder,
        torch.no_grad(),
    ):
        net(torch.randn(2, *case.shape))
    assert recorder.records == ()
    assert len(recorder.unread) == 1


@pytest.mark.parametrize("case", READ, ids=lambda one: one.title)
def test_all_ones_is_the_network_without_the_layer(case: Case) -> None:
    net = build(case)
    x = torch.randn(2, *case.shape)
    with intervene(net, "all:ones"), torch.no_grad():
        torch.testing.assert_close(net(x.clone()), x)
    with intervene(net, "all:half"), capture(net) as recorder, torch.no_grad():
        torch.testing.assert_close(net(x.clone()), x / 2)
    assert recorder.records[0].verified == case.verified
    assert (recorder.records[0].weights == 0.5).all()
    assert "forward" not in vars(net.layer)


@pytest.mark.parametrize("case", READ, ids=lambda one: one.title)
def test_under_autocast_the_verdict_is_the_same(case: Case) -> None:
    net = build(case)
    x = torch.randn(2, *case.shape)
    with capture(net) as recorder, torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        net(x)
    assert [record.verified for record in recorder.records] == [case.verified]


def test_numbers_that_are_not_finite_change_no_verdict() -> None:
    net = build(CASES[0])
    with capture(net) as recorder, torch.no_grad():
        net(torch.full((1, *CASES[0].shape), torch.nan))
    assert recorder.records[0].verified == "formula"


def test_a_layer_that_did_not_run_is_named() -> None:
    net = build(CASES[0])
    net.spare = CASES[1].build()
    with (
        pytest.warns(UnreadAttentionWarning, match="^spare was found and did not run"),
        capture(net) as recorder,
        torch.no_grad(),
    ):
        net(torch.randn(1, *CASES[0].shape))
    assert [record.layer for record in recorder.records] == ["layer"]


def test_a_layer_that_is_named_is_read_by_input_and_output() -> None:
    for case in (one for one in CASES if one.title in {"by hand, x + x ω", "by hand, x ω²"}):
        net = build(case)
        x = torch.randn(2, *case.shape)
        with capture(net, also=["layer"]) as recorder, torch.no_grad():
            out = net(x.clone())
        assert recorder.unread == ()
        gates = recorder.records[0].weights[:, :, None, None]
        np.testing.assert_allclose(out, x.numpy() * gates, rtol=1e-4, atol=1e-6)


def test_a_network_finds_out_what_can_be_read_before_an_image() -> None:
    class Gated(nn.Module):
        """A convolution whose result is squashed: it looks like attention and is none."""

        def __init__(self) -> None:
            super().__init__()
            self.conv, self.sigmoid = nn.Conv2d(C, C, 3, padding=1), nn.Sigmoid()

        def forward(self, x: Tensor) -> Tensor:
            return x * self.sigmoid(self.conv(x))

    class Swish(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.sigmoid = nn.Sigmoid()

        def forward(self, x: Tensor) -> Tensor:
            return x * self.sigmoid(x)

    body = [GateECA(), Gated(), Swish(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(C, 2)]
    network = eca_viz.Network.wrap(nn.Sequential(nn.Conv2d(3, C, 3), *body))
    explanation = eca_viz.explain(np.zeros((9, 9, 3), np.uint8), network, ())
    assert [one.layer for one in explanation.attention] == ["1"]
    assert explanation.attention[0].verified == "weights"
    (sentence,) = explanation.unread
    assert sentence.startswith("1 module looks like attention and is not read: 2; no factor")
    changed = eca_viz.explain(np.zeros((9, 9, 3), np.uint8), network, (), gates="all:half")
    assert (changed.attention[0].weights == 0.5).all()


def test_intervening_leaves_a_wrong_guess_as_it_is() -> None:
    net = build(next(one for one in CASES if one.title == "timm, gca"))
    x = torch.randn(2, *CASES[0].shape)
    with torch.no_grad():
        before = net(x.clone())
        with (
            pytest.warns(UnreadAttentionWarning, match="^layer is left as it is: no factor"),
            intervene(net, "all:ones"),
        ):
            torch.testing.assert_close(net(x.clone()), before)


def test_an_unknown_layer_beside_a_known_one_is_named_once() -> None:
    known, unknown = build(CASES[0]), build(next(one for one in CASES if one.title == "timm, gca"))
    net = nn.Sequential(known, unknown)
    with warnings.catch_warnings(record=True) as told, capture(net) as recorder, torch.no_grad():
        warnings.simplefilter("always")
        for _ in range(2):
            net(torch.randn(1, *CASES[0].shape))
    (warning,) = told
    assert str(warning.message).startswith("1 module looks like attention and is not read: 1.layer")
    assert len(recorder.records) == 2


def test_the_table_of_what_is_read_is_that_of_the_documents() -> None:
    assert table() in (ROOT / "assets" / "docs" / "networks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.title)
@pytest.mark.parametrize("count", [1, 2])
def test_capture_changes_nothing(case: Case, count: int) -> None:
    net = build(case)
    x = torch.randn(count, *case.shape)
    with torch.no_grad():
        before, state = net(x.clone()), dict(vars(net.layer))
    if "SpatialAttn" not in case.title:
        with warnings.catch_warnings(), capture(net) as recorder, torch.no_grad():
            warnings.simplefilter("ignore", UnreadAttentionWarning)
            torch.testing.assert_close(net(x.clone()), before, rtol=0, atol=0)
        assert len(recorder.records) == (case.verified != "unread")
    assert vars(net.layer).keys() == state.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.title)
def test_one_gate_alone_is_changed(case: Case) -> None:
    net = build(case)
    x = torch.randn(2, *case.shape)
    layers, _ = with_guesses(net, eca_viz.find_attention(net))
    if not layers:
        return
    with warnings.catch_warnings(), capture(net, layers=layers), torch.no_grad():
        warnings.simplefilter("ignore", UnreadAttentionWarning)
        before = net(x.clone())
    if case.verified == "unread":
        with pytest.raises(GateError, match="no channel attention that is recognised"):
            intervene(net, "all:channel=3,0", layers=layers).__enter__()
        return
    with intervene(net, "all:channel=3,0", layers=layers), torch.no_grad():
        after = net(x.clone())
    assert not after[:, 3].any()
    others = [channel for channel in range(C) if channel != 3]
    torch.testing.assert_close(after[:, others], before[:, others])


def test_a_forward_of_its_own_stays_on_the_layer() -> None:
    case = next(one for one in CASES if "torch.sigmoid" in one.title)
    net = build(case)
    own = types.MethodType(lambda self, x: 2 * x, net.layer)
    net.layer.forward = own
    x = torch.randn(1, *case.shape)
    with pytest.warns(UnreadAttentionWarning), capture(net) as recorder:
        torch.testing.assert_close(net(x), 2 * x)
    assert recorder.records == ()
    assert net.layer.forward is own


def test_what_is_seen_under_changed_gates_is_not_kept() -> None:
    case = next(one for one in CASES if "ω²" in one.title)
    net = build(case)
    layers = eca_viz.find_attention(net)
    x = torch.randn(1, *case.shape)
    with intervene(net, "all:ones", layers=layers), capture(net, layers=layers), torch.no_grad():
        net(x)
    assert layers[0].verdicts == []
    with capture(net, layers=layers) as recorder, torch.no_grad():
        net(x)
    assert recorder.records == ()
    assert layers[0].unread


def test_an_empty_batch_and_a_scripted_module_raise_nothing() -> None:
    net = build(CASES[0])
    with capture(net) as recorder, torch.no_grad():
        net(torch.randn(0, *CASES[0].shape))
    assert recorder.records[0].weights.shape == (0, C)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sigmoid()))
    assert eca_viz.find_attention(scripted) == ()


def test_a_constant_feature_map_decides_nothing() -> None:
    """Its average is its maximum: what the descriptor is shows in a later pass."""
    case = next(one for one in CASES if one.pooling == "maximum")
    net = build(case)
    layers = eca_viz.find_attention(net)
    for x, pooling in (
        (torch.ones(1, *case.shape), "average"),
        (torch.randn(1, *case.shape), "maximum"),
    ):
        with capture(net, layers=layers) as recorder, torch.no_grad():
            net(x)
        assert recorder.records[0].pooling == pooling
    assert len(layers[0].verdicts) == 1
    fresh = eca_viz.find_attention(net)
    with capture(net, layers=fresh) as recorder, torch.no_grad():
        net(torch.ones(1, *case.shape))
        net(torch.randn(1, *case.shape))
    assert [record.pooling for record in recorder.records] == ["average", "maximum"]
    with capture(net, layers=layers) as recorder, torch.no_grad():
        net(torch.ones(1, *case.shape))
    assert recorder.records[0].pooling == "maximum"
