"""Layers that are explained by a formula only where a pass shows that it holds."""

import warnings

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import eca_viz
from eca_viz.attention.mechanism import Mechanism
from eca_viz.attention.mechanisms.eca_mlp import ECA_MLP
from eca_viz.attention.mechanisms.gct import GCT as GCT_FORMULA
from eca_viz.attention.mechanisms.global_context import GLOBAL_CONTEXT
from eca_viz.attention.mechanisms.srm import SRM as SRM_FORMULA
from eca_viz.attention.registry import recognise, suppose
from eca_viz.errors import GateError, UnreadAttentionWarning
from eca_viz.gates.capture import capture
from eca_viz.gates.intervene import intervene
from eca_viz.records import LayerAttention
from tests.layer_cases import CASES
from tests.layers_by_output import (
    GCT,
    SRM,
    C,
    CalledECAMLP,
    ContextBlock,
    ConvSRM,
    ModularGCT,
    OfficialGCT,
    OfficialSRM,
)
from tests.readings import Net, build

TENTATIVE = [one for one in CASES if one.verified == "formula" and suppose(one.build())]


def net_of(layer: nn.Module, scale: float = 1.0) -> nn.Sequential:
    torch.manual_seed(4)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn_like(parameter) * scale)
    return nn.Sequential(layer).eval()


def read(model: nn.Module, x: Tensor) -> LayerAttention:
    with capture(model) as recorder, torch.no_grad():
        model(x)
    (record,) = recorder.records
    return record


@pytest.mark.parametrize(
    ("layer", "mechanism"),
    [
        (SRM, SRM_FORMULA),
        (ConvSRM, SRM_FORMULA),
        (OfficialSRM, SRM_FORMULA),
        (GCT, GCT_FORMULA),
        (OfficialGCT, GCT_FORMULA),
        (ModularGCT, GCT_FORMULA),
        (CalledECAMLP, ECA_MLP),
        (ContextBlock, GLOBAL_CONTEXT),
    ],
)
def test_structure_alone_lists_no_such_layer(layer: type, mechanism: Mechanism) -> None:
    """By any class name: what is supposed of it must be shown by a pass."""
    found = type("Block", (layer,), {})()
    assert recognise(found) is None
    assert suppose(found) is mechanism
    assert eca_viz.find_attention(nn.Sequential(found)) == ()


class TwiceSRM(SRM):
    """SRM with a factor on its logits that no module holds."""

    def forward(self, x: Tensor) -> Tensor:
        styles = torch.stack([x.mean((2, 3)), x.std((2, 3))], 2)
        logits = 2 * self.norm((styles * self.weight).sum(2))
        return x * self.sigmoid(logits)[:, :, None, None]


class CheckedSRM(SRM):
    """SRM that runs its sigmoid once more, on something else."""

    def forward(self, x: Tensor) -> Tensor:
        self.sigmoid(x)
        return super().forward(x)


class NarrowSRM(SRM):
    """SRM on the first half of its channels alone."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([super().forward(x[:, :C]), 0.5 * x[:, C:]], 1)


@pytest.mark.parametrize(
    ("layer", "channels", "doubt"),
    [
        (TwiceSRM, C, "computes other logits than SRM"),
        (CheckedSRM, C, "does not compute one set of logits, as SRM does"),
        (NarrowSRM, C + 2, "does not compute one set of logits, as SRM does"),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_another_formula_is_a_gate_alone(
    layer: type[SRM], channels: int, doubt: str, scale: float
) -> None:
    """Also where all gates lie near 0 and 1, as they do under both formulas."""
    model, x = net_of(layer(), scale), torch.randn(2, channels, 6, 5) + 0.3
    record = read(model, x)
    assert (record.mechanism, record.verified, record.doubt) == ("gate", "weights", doubt)
    np.testing.assert_allclose(record.descriptor, x.mean((2, 3)), rtol=1e-4, atol=1e-6)
    with torch.no_grad():
        expected = model(x) / x
    np.testing.assert_allclose(record.weights, expected.mean((2, 3)), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("case", TENTATIVE, ids=lambda one: one.title)
def test_changed_gates_leave_the_formula_as_it_is(case) -> None:
    net, x = build(case), torch.randn(2, *case.shape)
    own = read(net, x)
    with intervene(net, "all:channel=3,0.25"), capture(net) as recorder, torch.no_grad():
        net(x)
    (changed,) = recorder.records
    assert changed.mechanism == own.mechanism == case.mechanism
    np.testing.assert_array_equal(changed.logits, own.logits)
    np.testing.assert_allclose(changed.weights[:, 3], 0.25, rtol=1e-6)
    others = np.arange(C) != 3
    np.testing.assert_allclose(changed.weights[:, others], own.weights[:, others], atol=1e-6)


@pytest.mark.parametrize("case", TENTATIVE, ids=lambda one: one.title)
@pytest.mark.parametrize("change", ["permute=1", "circular", "taps=1,2,3"])
def test_the_inside_cannot_be_changed(case, change: str) -> None:
    net = build(case)
    with pytest.raises(GateError, match=r"cannot be changed inside; change its gates instead, as"):
        intervene(net, f"layer:{change}").__enter__()


def test_a_later_call_that_does_something_else_has_no_gates() -> None:
    class Switched(SRM):
        shifts = False

        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) + (x.flip(3) if self.shifts else 0)

    layer = Switched()
    model, x = net_of(layer), torch.randn(2, C, 6, 5)
    with capture(model) as recorder, torch.no_grad():
        model(x)
        layer.shifts = True
        model(x)
    first, second = recorder.records
    assert np.isfinite(first.weights).all()
    assert np.isnan(second.weights).all()


def test_in_training_a_batch_norm_depends_on_the_batch() -> None:
    """The formula then holds with the numbers of the batch, and one image has no terms."""
    layer = SRM()
    model, x = net_of(layer).train(), torch.randn(4, C, 6, 5)
    kept = layer.norm.running_mean.clone()
    record = read(model, x)
    assert record.mechanism == "srm"
    moved = layer.norm.running_mean.clone()
    assert not torch.equal(kept, moved)
    styles = torch.stack([x.mean((2, 3)), x.std((2, 3))], 2).mul(layer.weight).sum(2)
    expected = 0.9 * kept + 0.1 * styles.mean(0)
    torch.testing.assert_close(moved, expected, msg="the norm's statistics move once")
    assert SRM_FORMULA.row(layer, 0, C) is None
    layer.eval()
    assert SRM_FORMULA.row(layer, 0, C) is not None
    assert read(model, x).mechanism == "srm"


def test_channels_of_zeros_have_the_gates_of_the_formula() -> None:
    """Also in training mode, in which a run with other numbers would leave a trace."""
    model, x = net_of(GCT()).train(), torch.randn(2, C, 6, 5)
    x[:, :3] = 0
    record = read(model, x)
    assert record.mechanism == "gct"
    np.testing.assert_allclose(record.weights, 1 + np.tanh(record.logits), atol=1e-6)
    np.testing.assert_allclose(record.descriptor[:, :3], 1e-5**0.5, rtol=1e-5)


def test_the_deviation_is_the_one_that_the_layer_computes() -> None:
    class Population(SRM):
        def forward(self, x: Tensor) -> Tensor:
            styles = torch.stack([x.mean((2, 3)), x.std((2, 3), correction=0)], 2)
            logits = self.norm((styles * self.weight).sum(2))
            return x * self.sigmoid(logits)[:, :, None, None]

    x = torch.randn(2, C, 4, 4)
    for layer, correction in ((Population(), 0), (SRM(), 1)):
        record = read(net_of(layer), x)
        expected = x.std((2, 3), correction=correction)
        assert record.deviation is not None
        np.testing.assert_allclose(record.deviation, expected, rtol=1e-5)


def test_a_norm_without_running_statistics_has_no_terms() -> None:
    layer = SRM()
    layer.norm = nn.BatchNorm1d(C, affine=False, track_running_stats=False)
    assert SRM_FORMULA.row(layer.eval(), 0, C) is None


def test_no_other_module_calls_the_tangent_of_a_layer() -> None:
    """A tangent inside of a submodule, or beside other parameters, is no gate of GCT's."""

    class Scaled(OfficialGCT):
        def __init__(self) -> None:
            super().__init__()
            self.more = nn.Parameter(torch.ones(C))

    class Wide(OfficialGCT):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Conv2d(C, C, 1)

    assert suppose(OfficialGCT()) is GCT_FORMULA
    assert suppose(Scaled()) is suppose(Wide()) is None


def test_a_network_that_holds_one_is_told_of_the_others() -> None:
    net = Net(nn.Sequential(build(next(one for one in CASES if one.title == "timm, gca"))))
    with warnings.catch_warnings(record=True) as told, capture(net) as recorder, torch.no_grad():
        warnings.simplefilter("always")
        net(torch.randn(1, C, 6, 5))
    assert recorder.records == ()
    assert [one.category for one in told] == [UnreadAttentionWarning]
