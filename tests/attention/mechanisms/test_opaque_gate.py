"""Modules of unknown structure, captured by name."""

import numpy as np
import pytest
import timm.layers
import torch
from torch import Tensor, nn

import eca_viz


class Scale(nn.Module):
    """Scales channel c of every image by `factors`[c]."""

    def __init__(self, factors: list[float]) -> None:
        super().__init__()
        self.register_buffer("factors", torch.tensor(factors))

    def forward(self, x: Tensor) -> Tensor:
        return x.mul_(self.factors[:, None, None])


class Shift(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 0.5 + 0.1


class PerPixel(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * x.sigmoid()


class Rows(nn.Module):
    """Multiplies each channel of a sequence by the sigmoid of its mean square."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x.square().mean(2, keepdim=True))


class SE3d(nn.Module):
    """SE over volumes, named although its structure is known."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(4, 2), nn.Linear(2, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.up(self.down(x.mean((2, 3, 4))).relu())
        return x * torch.sigmoid(y)[:, :, None, None, None]


def test_factors_are_found_from_input_and_output_also_in_place() -> None:
    model = nn.Sequential(Scale([0.25, 0.5, 1.0, 0.0]))
    x = torch.randn(2, 4, 3, 3)
    with eca_viz.capture(model, also=["0"]) as recorder:
        model(x.clone())
    (record,) = recorder.records
    assert record.mechanism == "gate"
    assert record.kernel_size is record.reduction is record.taps is None
    np.testing.assert_allclose(record.weights, [[0.25, 0.5, 1.0, 0.0]] * 2, atol=1e-6)
    np.testing.assert_allclose(record.logits[:, 1], 0, atol=1e-5)
    np.testing.assert_allclose(record.descriptor, x.mean((2, 3)), atol=1e-6)


def test_a_channel_of_zeros_has_no_factor() -> None:
    model = nn.Sequential(Scale([0.25, 0.5]))
    x = torch.randn(1, 2, 3, 3)
    x[:, 1] = 0
    with eca_viz.capture(model, also=["0"]) as recorder:
        model(x)
    weights = recorder.records[0].weights
    assert weights[0, 0] == pytest.approx(0.25)
    assert np.isnan(weights[0, 1])


def test_a_layer_of_timm_that_is_not_recognised() -> None:
    model = nn.Sequential(timm.layers.GlobalContext(16)).eval()
    x = torch.randn(1, 16, 7, 7)
    with eca_viz.capture(model, also=["0"]) as recorder, torch.no_grad():
        out = model(x.clone())
    weights = recorder.records[0].weights
    np.testing.assert_allclose(out, x.numpy() * weights[..., None, None], atol=1e-5)


@pytest.mark.parametrize("module", [Scale([0.25, 0.5, 1.0]), timm.layers.GlobalContext(3)])
def test_its_gates_are_changed_at_its_output(module: nn.Module) -> None:
    model = nn.Sequential(module).eval()
    layers = eca_viz.find_attention(model, also=["0"])
    x = torch.randn(2, 3, 4, 4)
    with torch.no_grad():
        before = model(x.clone())
        with (
            eca_viz.intervene(model, "0:channel=1,0.75", layers=layers),
            eca_viz.capture(model, layers=layers) as recorder,
        ):
            changed = model(x.clone())
        with eca_viz.intervene(model, gates={"0": [0.5, 0, 1]}, layers=layers):
            given = model(x.clone())
    torch.testing.assert_close(changed[:, [0, 2]], before[:, [0, 2]])
    torch.testing.assert_close(changed[:, 1], x[:, 1] * 0.75)
    np.testing.assert_allclose(recorder.records[0].weights[:, 1], 0.75, rtol=1e-5)
    torch.testing.assert_close(given, x * torch.tensor([0.5, 0, 1])[:, None, None])
    torch.testing.assert_close(model(x.clone()), before)


@pytest.mark.parametrize("change", ["permute=1", "circular"])
def test_what_its_gates_are_computed_from_cannot_be_changed(change: str) -> None:
    model = nn.Sequential(Scale([0.25, 0.5]))
    layers = eca_viz.find_attention(model, also=["0"])
    with (
        pytest.raises(eca_viz.GateError, match="for 0, whose formula is not known"),
        eca_viz.intervene(model, change, layers=layers),
    ):
        pass


def test_factors_above_one_and_below_zero_are_read_and_have_no_logit() -> None:
    model = nn.Sequential(Scale([1.75, -0.5, 0.5]))
    layers = eca_viz.find_attention(model, also=["0"])
    x = torch.randn(1, 3, 4, 4)
    with eca_viz.capture(model, layers=layers) as recorder:
        model(x.clone())
        with eca_viz.intervene(model, gates={"0": [2.0, -1.0, 1.0]}, layers=layers):
            changed = model(x.clone())
    np.testing.assert_allclose(recorder.records[0].weights, [[1.75, -0.5, 0.5]], rtol=1e-5)
    assert np.isnan(recorder.records[0].logits).tolist() == [[True, True, False]]
    torch.testing.assert_close(changed, x * torch.tensor([2.0, -1.0, 1.0])[:, None, None])


@pytest.mark.parametrize("shape", [(2, 4, 9), (2, 4, 3, 5, 2)])
def test_over_sequences_and_volumes(shape: tuple[int, ...]) -> None:
    layer = SE3d() if len(shape) == 5 else Rows()
    model = nn.Sequential(layer)
    x = torch.randn(shape)
    with eca_viz.capture(model, also=["0"]) as recorder, torch.no_grad():
        out = model(x.clone())
    factors = recorder.records[0].weights.reshape(2, 4, *[1] * (len(shape) - 2))
    np.testing.assert_allclose(out, x.numpy() * factors, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("module", [Shift(), PerPixel()])
def test_modules_that_do_anything_else_are_refused(module: nn.Module) -> None:
    model = nn.Sequential(module)
    with (
        pytest.raises(
            eca_viz.NetworkError, match="^0 is named in `also` and does not multiply each"
        ),
        eca_viz.capture(model, also=["0"]),
    ):
        model(torch.randn(1, 2, 3, 3))


def test_modules_that_change_the_shape_are_refused() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1))
    with (
        pytest.raises(
            eca_viz.NetworkError, match="^0 is named in `also`, got .* that keeps the shape"
        ),
        eca_viz.capture(model, also=["0"]),
    ):
        model(torch.randn(1, 3, 3, 3))


def test_the_error_for_an_unknown_name_lists_names() -> None:
    with pytest.raises(eca_viz.NetworkError, match="no module 'att'; its modules are 0, …"):
        eca_viz.find_attention(nn.Sequential().append(nn.Identity()), also=["att"])
