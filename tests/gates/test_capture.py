"""capture(): what it records is what the layers did, and nothing stays behind."""

import contextlib
import pickle

import numpy as np
import pytest
import timm
import torch
from timm.layers import CecaModule, EcaModule
from torch import Tensor, nn

import eca_viz
from eca_viz.networks.architectures.eca_resnet import eca_resnet18, eca_resnet50
from tests.factories import LookAlike, hooks_on


@pytest.fixture(scope="module")
def resnet18() -> nn.Module:
    return eca_resnet18(num_classes=10).eval()


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.Conv2d(3, 24, 3), EcaModule(24)),
        nn.Sequential(nn.Conv2d(3, 24, 3), CecaModule(24, kernel_size=5)),
        nn.Sequential(nn.Conv2d(3, 24, 3), LookAlike()),
        eca_resnet18(num_classes=10),
        eca_resnet50(num_classes=10, kernel_sizes=(3, 5, 5, 7)),
        timm.create_model("ecaresnet26t", pretrained=False, num_classes=7),
    ],
    ids=["timm-eca", "timm-ceca", "look-alike", "resnet18", "resnet50", "timm-resnet"],
)
def test_weights_are_output_over_input(model: nn.Module) -> None:
    model.eval()
    passed: dict[str, tuple[Tensor, Tensor]] = {}
    hooks = [
        layer.module.register_forward_hook(
            lambda module, inputs, output, name=layer.name: passed.__setitem__(
                name, (inputs[0].detach().clone(), output.detach().clone())
            )
        )
        for layer in eca_viz.find_attention(model)
    ]
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(torch.randn(2, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    assert len(recorder.records) == len(passed)
    for record in recorder.records:
        before, after = passed[record.layer]
        assert record.weights.shape == (2, record.channels) == tuple(before.shape[:2])
        expected = before.numpy() * record.weights[:, :, None, None]
        np.testing.assert_allclose(after.numpy(), expected, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(
            record.descriptor, before.mean((2, 3)).numpy(), rtol=1e-4, atol=1e-6
        )
        np.testing.assert_allclose(
            record.weights, 1 / (1 + np.exp(-record.logits)), rtol=1e-5, atol=1e-7
        )
        assert ((record.weights > 0) & (record.weights < 1)).all()


def test_logits_are_the_taps_over_the_descriptor(resnet18: nn.Module) -> None:
    with eca_viz.capture(resnet18) as recorder, torch.no_grad():
        resnet18(torch.randn(1, 3, 64, 64))
    for record in recorder.records:
        assert record.taps is not None
        assert record.kernel_size == len(record.taps)
        expected = np.correlate(record.descriptor[0], record.taps, mode="same")
        np.testing.assert_allclose(record.logits[0], expected, rtol=1e-4, atol=1e-5)


def test_circular_padding_wraps_around() -> None:
    model = nn.Sequential(CecaModule(8, kernel_size=3)).eval()
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(torch.randn(1, 8, 4, 4))
    (record,) = recorder.records
    assert record.taps is not None
    padded = np.pad(record.descriptor[0], 1, mode="wrap")
    expected = np.correlate(padded, record.taps, mode="valid")
    assert record.mechanism == "ceca"
    np.testing.assert_allclose(record.logits[0], expected, rtol=1e-4, atol=1e-6)


def test_order_is_that_of_the_forward_pass() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first_registered = EcaModule(4)
            self.second_registered = EcaModule(4)

        def forward(self, x: Tensor) -> Tensor:
            return self.first_registered(self.second_registered(x))

    model = Backwards().eval()
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(torch.randn(1, 4, 2, 2))
        model(torch.randn(1, 4, 2, 2))
    assert [(r.layer, r.order) for r in recorder.records] == [
        ("second_registered", 0),
        ("first_registered", 1),
    ] * 2
    recorder.clear()
    assert recorder.records == ()


def test_no_hooks_stay_after_success_or_failure(resnet18: nn.Module) -> None:
    with eca_viz.capture(resnet18), torch.no_grad():
        assert hooks_on(resnet18) > 0
        resnet18(torch.randn(1, 3, 32, 32))
    assert hooks_on(resnet18) == 0
    with pytest.raises(RuntimeError), eca_viz.capture(resnet18):
        resnet18(torch.randn(1, 5, 32, 32))
    assert hooks_on(resnet18) == 0


def test_a_failed_pass_leaves_no_half_record(resnet18: nn.Module) -> None:
    def fail(module: nn.Module, inputs: object) -> None:
        raise RuntimeError("stop here")

    with eca_viz.capture(resnet18) as recorder, torch.no_grad():
        hook = resnet18.layer3[0].eca.sigmoid.register_forward_pre_hook(fail)
        with pytest.raises(RuntimeError, match="stop here"):
            resnet18(torch.randn(1, 3, 32, 32))
        hook.remove()
        recorder.clear()
        resnet18(torch.randn(1, 3, 32, 32))
    assert [record.order for record in recorder.records] == list(range(8))


def test_records_are_read_only_and_picklable(resnet18: nn.Module) -> None:
    with eca_viz.capture(resnet18) as recorder, torch.no_grad():
        resnet18(torch.randn(1, 3, 32, 32))
    record = recorder.records[0]
    with pytest.raises(ValueError, match="read-only"):
        record.weights[0, 0] = 1
    again = pickle.loads(pickle.dumps(record))
    np.testing.assert_array_equal(again.weights, record.weights)


def test_a_network_without_attention_is_refused() -> None:
    recording = eca_viz.capture(nn.Sequential(nn.ReLU()))
    with pytest.raises(eca_viz.NetworkError, match="holds no channel attention"):
        recording.__enter__()


def test_taps_are_those_of_the_pass_not_of_later() -> None:
    model = eca_resnet18(num_classes=4).eval()
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(torch.randn(1, 3, 32, 32))
        before = model.layer1[0].eca.conv.weight.flatten().clone()
        model.layer1[0].eca.conv.weight.zero_()
    taps = recorder.records[0].taps
    assert taps is not None
    np.testing.assert_array_equal(taps, before.numpy())
    assert recorder.records[0] is recorder.records[0]


def test_a_compiled_network_is_refused() -> None:
    recording = eca_viz.capture(torch.compile(eca_resnet18(num_classes=4)))
    with pytest.raises(eca_viz.NetworkError, match="got a compiled model"):
        recording.__enter__()


def test_what_ran_before_a_pass_failed_is_recorded(resnet18: nn.Module) -> None:
    def fail(module: nn.Module, inputs: object) -> None:
        raise RuntimeError("stop here")

    images = torch.randn(1, 3, 64, 64)
    with eca_viz.capture(resnet18) as whole, torch.no_grad():
        resnet18(images)
    with eca_viz.capture(resnet18) as recorder, torch.no_grad():
        hook = resnet18.layer3[0].eca.sigmoid.register_forward_pre_hook(fail)
        with pytest.raises(RuntimeError, match="stop here"):
            resnet18(images)
        hook.remove()
    assert [one.layer for one in recorder.records] == [one.layer for one in whole.records[:4]]
    np.testing.assert_array_equal(recorder.records[3].weights, whole.records[3].weights)


class OverwritesAfterwards(nn.Module):
    """SE under autocast, whose input and output are overwritten once it has run."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)
        self.se = timm.layers.SEModule(16, rd_channels=8)

    def forward(self, images: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            given = self.conv(images)
            scaled: Tensor = self.se(given)
        result = scaled.float().mean((2, 3))
        given.zero_()
        scaled.zero_()
        return result


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float32])
def test_what_is_overwritten_later_was_looked_at(
    precision: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    if precision is torch.float32:
        monkeypatch.setattr(torch, "autocast", lambda *_: contextlib.nullcontext())
    model = OverwritesAfterwards().eval()
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(torch.randn(2, 3, 16, 16))
    (record,) = recorder.records
    assert (record.mechanism, record.verified, record.doubt) == ("se", "formula", "")
    assert recorder.unread == ()
