"""Every method equals Captum called directly, reports its progress and can be stopped."""

import math
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
import timm
import torch
from captum.attr import IntegratedGradients, Saliency
from torch import Tensor, nn

from eca_viz import load_network
from eca_viz.benchmark.captum_baselines import DIRECT
from eca_viz.errors import SaliencyError
from eca_viz.networks.clone import clone
from eca_viz.networks.spec import Network
from eca_viz.networks.state import prepare
from eca_viz.records import ImageInput, Prediction, SaliencyMap
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.method import Method, Subject
from eca_viz.saliency.methods.superpixels import superpixels
from eca_viz.saliency.registry import METHODS, find_method
from eca_viz.settings import Param
from tests.factories import QUICK, Told

CHURCH = Prediction(4, "church", 0.5)
# Those whose attributions Captum promises to add up to the change of the score.
COMPLETE = {"integrated_gradients", "deep_lift"}

by_name = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("eca_resnet18_imagenette")


@pytest.fixture(scope="module")
def inputs(network: Network, china: ImageInput) -> Tensor:
    return network.spec.preprocess.see(china)[1]


class Run(NamedTuple):
    """A map of the sample, the fractions of its progress, and the sizes of its batches."""

    found: SaliencyMap
    fractions: list[float]
    sizes: list[int]


@pytest.fixture(scope="module")
def run(network: Network, inputs: Tensor) -> Callable[[Method], Run]:
    """Each method's map, computed once for all tests."""

    @cache
    def once(method: Method) -> Run:
        told, sizes = Told(), []
        model = clone(network.module)
        model.register_forward_pre_hook(lambda m, args: sizes.append(len(args[0])))
        settings = QUICK.get(method.name, {})
        found = attribute(method, model, "layer4", inputs, CHURCH, settings, told)
        return Run(found, list(told.shares), sizes)

    return once


@by_name
def test_equals_captum_called_directly(
    method: Method, run: Callable[[Method], Run], network: Network, inputs: Tensor
) -> None:
    values = run(method).found.values
    model = clone(network.module)
    parameters = method.complete(QUICK.get(method.name, {}))
    x = inputs.clone().requires_grad_()
    with torch.random.fork_rng(devices=[]):
        expected = DIRECT[method.name](model, model.layer4, x, CHURCH.index, parameters)
    expected = expected[0].detach().numpy()
    assert values.shape == (176, 176)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


@by_name
def test_record_says_how_it_was_made(method: Method, run: Callable[[Method], Run]) -> None:
    found = run(method).found
    assert found.method == method.name
    assert found.target == CHURCH
    assert found.signed is method.signed
    assert found.seconds > 0
    assert found.parameters == method.complete(QUICK.get(method.name, {}))
    assert (found.convergence_delta is None) == (method.name not in COMPLETE)
    if not method.signed:
        assert (found.values >= 0).all()


@by_name
def test_progress_counts_every_forward_pass(
    method: Method, run: Callable[[Method], Run], inputs: Tensor
) -> None:
    """Declared and real number of passes agree, so that progress ends just below one.

    SLIC makes fewer superpixels than were asked for, and how many only it can tell.
    """
    expected = method.forwards(method.complete(QUICK.get(method.name, {})), inputs)
    real = expected
    if method.name == "feature_ablation":
        patches = int(superpixels(inputs, QUICK[method.name]["superpixels"]).max()) + 1
        real = 1 + math.ceil(patches / 8)
        assert real <= expected
    assert run(method).fractions == [n / expected for n in range(real)]


def test_memory_stays_bounded_by_internal_batches(run: Callable[[Method], Run]) -> None:
    assert max(size for name in QUICK for size in run(find_method(name)).sizes) <= 8


@pytest.mark.parametrize("side", [33, 64, 97])
@pytest.mark.parametrize("stride", [4, 12, 32])
def test_occlusion_counts_its_windows(side: int, stride: int) -> None:
    method = find_method("occlusion")
    model = nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.LazyLinear(3))
    inputs = torch.randn(1, 3, side, side)
    with torch.no_grad():
        model(inputs)
    told = Told()
    parameters = {"window": 32, "stride": stride}
    target = Prediction(0, "any", 0.0)
    attribute(method, model, "0", inputs, target, parameters, told)
    assert len(told.shares) == method.forwards(method.complete(parameters), inputs)


@by_name
def test_an_exception_from_progress_stops(method: Method, network: Network, inputs: Tensor) -> None:
    class Enough(Exception):
        pass

    calls = 0

    def stop(title: str, fraction: float) -> None:
        nonlocal calls
        calls += 1
        if calls == 2 or method.forwards(method.complete({}), inputs) == 1:
            raise Enough

    settings = QUICK.get(method.name, {})
    with pytest.raises(Enough):
        attribute(method, clone(network.module), "layer4", inputs, CHURCH, settings, stop)
    assert calls <= 2


def test_integrated_gradients_adds_up(network: Network, inputs: Tensor) -> None:
    """Completeness: attributions sum to f(x) - f(baseline), up to the delta that is reported."""
    method = find_method("integrated_gradients")
    model = clone(network.module)
    found = attribute(method, model, "layer4", inputs, CHURCH, {"n_steps": 100})
    with torch.no_grad():
        change = (network.module(inputs) - network.module(torch.zeros_like(inputs)))[0, 4].item()
    assert found.convergence_delta is not None
    assert found.values.sum() - change == pytest.approx(found.convergence_delta, abs=1e-3)
    assert abs(found.convergence_delta) < 0.05 * abs(change) + 0.05


def test_guided_backprop_says_where_it_makes_no_sense(inputs: Tensor) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(SaliencyError, match="this network has none"):
        attribute(find_method("guided_backprop"), model, "0", inputs, CHURCH, {})


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("integrated_gradients", {"n_steps": 5}, "goes from 10 to 200"),
        ("integrated_gradients", {"n_steps": 50.5}, "give a whole number"),
        ("integrated_gradients", {"steps": 50}, "no parameter steps; its parameters are: n_steps"),
        ("saliency", {"x": 1}, "its parameters are: none"),
        ("occlusion", {"stride": float("nan")}, "goes from 4 to 32"),
        ("occlusion", {"stride": "wide"}, "stride = 'wide'; give a number"),
        ("smooth_grad", {"method": "lime"}, "is one of: saliency, input_x_gradient"),
        ("smooth_grad", {"method": 3}, "method = 3; method to average is one of"),
    ],
)
def test_bad_parameters(name: str, parameters: dict[str, float | str], sentence: str) -> None:
    with pytest.raises(SaliencyError, match=sentence):
        find_method(name).complete(parameters)


def test_an_unknown_method_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(SaliencyError, match="'lime'.*integrated_gradients, grad_cam"):
        find_method("lime")


@by_name
def test_declarations_are_complete(method: Method) -> None:
    assert method.reading.endswith(".")
    for param in method.params:
        assert param.check(param.default) == param.default


def test_names_of_layers_are_options_once_the_network_is_known() -> None:
    method = find_method("grad_cam")
    assert method.complete({"layer": "any"}) == {"layer": "any"}
    (choice,) = method.declared(["layer1.0.eca", "layer2.0.eca"])
    assert choice.options == ("last stage", "layer1.0.eca", "layer2.0.eca")
    with pytest.raises(SaliencyError, match="is one of: last stage, layer1.0.eca"):
        method.complete({"layer": "any"}, ["layer1.0.eca"])


@pytest.mark.parametrize("name", ["grad_cam", "guided_grad_cam"])
def test_grad_cam_at_any_attention_layer(name: str, network: Network, inputs: Tensor) -> None:
    method = find_method(name)
    for layer in ("layer1.0.eca", "layer4.1.eca"):
        model = clone(network.module)
        found = attribute(method, model, "layer4", inputs, CHURCH, {"layer": layer})
        assert found.parameters == {"layer": layer}
        plain = clone(network.module)
        expected = DIRECT[name](plain, plain.get_submodule(layer), inputs.clone(), 4, {})
        np.testing.assert_allclose(found.values, expected[0].detach().numpy(), rtol=1e-5)
    with pytest.raises(SaliencyError, match="'layer4'; layer is one of: last stage, layer1.0.eca"):
        attribute(
            method,
            clone(network.module),
            "layer4",
            inputs,
            CHURCH,
            {"layer": "layer4"},
            layers=[layer.name for layer in network.layers],
        )


def test_grad_cam_sees_a_layer_whose_output_is_overwritten_afterwards() -> None:
    """timm's blocks add the shortcut in place to what the gate put out."""
    torch.manual_seed(0)
    module = prepare(timm.create_model("ecaresnet26t", num_classes=5))
    inputs = torch.randn(1, 3, 96, 96)
    layer = "layer4.1.se"
    found = attribute(
        find_method("grad_cam"), clone(module), "layer4", inputs, CHURCH, {"layer": layer}
    )
    model, kept = clone(module), []

    def keep(part: nn.Module, args: object, output: Tensor) -> Tensor:
        kept.append(output)
        return output.clone()

    model.get_submodule(layer).register_forward_hook(keep)
    score = model(inputs.clone().requires_grad_())[0, CHURCH.index]
    (slope,) = torch.autograd.grad(score, kept[0])
    coarse = torch.relu((slope.mean((2, 3), keepdim=True) * kept[0]).sum(1, keepdim=True))
    expected = nn.functional.interpolate(coarse, (96, 96), mode="bilinear")[0, 0]
    np.testing.assert_allclose(found.values, expected.detach().numpy(), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("inner", find_method("smooth_grad").params[0].options)
def test_smooth_grad_over_any_gradient_method(inner: str, china: ImageInput) -> None:
    """The mean of the method's own attributions over the same noisy copies, one by one."""
    network = load_network("resnet_tiny_eca")
    inputs = network.spec.preprocess.see(china)[1]
    method = find_method("smooth_grad")
    settings = method.complete({"method": inner, "n_samples": 4, "batch_size": 2})
    told = Told()
    found = attribute(method, clone(network.module), "layer4", inputs, CHURCH, settings, told)
    assert len(told.shares) == method.forwards(settings, inputs)
    spread = 0.15 * (inputs.max() - inputs.min()).item()
    generator = torch.Generator().manual_seed(0)
    total = torch.zeros_like(inputs)
    for _ in range(2):
        noise = torch.normal(0, torch.full((2, *inputs.shape[1:]), spread), generator=generator)
        for one in inputs + noise:
            total += plainly(inner, clone(network.module), one[None])
    expected = (total / 4).abs().amax(1)[0].numpy()
    np.testing.assert_allclose(
        found.values, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max()
    )


def plainly(inner: str, model: nn.Module, inputs: Tensor) -> Tensor:
    """One gradient method's attributions, still with their signs and channels."""
    x = inputs.clone()
    if inner == "saliency":
        values = Saliency(model).attribute(x, target=CHURCH.index, abs=False)
    elif inner == "integrated_gradients":
        values = IntegratedGradients(model).attribute(
            x, target=CHURCH.index, n_steps=20, internal_batch_size=4
        )
    else:
        subject = Subject(model, model, x, CHURCH.index)
        values = find_method(inner).attribute(subject, {}).values
    return values.detach().float()


def test_smooth_grad_over_guided_backprop_needs_relus(inputs: Tensor) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    method, target = find_method("smooth_grad"), Prediction(0, "any", 0.0)
    with pytest.raises(SaliencyError, match="this network has none"):
        attribute(method, model, "0", inputs, target, {"method": "guided_backprop"})
    attribute(method, model, "0", inputs, target, {"n_samples": 2})


def test_gradient_shap_is_the_mean_over_all_copies(network: Network, inputs: Tensor) -> None:
    """Batches of unequal size count by their size."""
    method = find_method("gradient_shap")
    sizes: list[int] = []
    model = clone(network.module)
    model.register_forward_pre_hook(lambda m, args: sizes.append(len(args[0])))
    attribute(method, model, "layer4", inputs, CHURCH, {"n_samples": 10})
    assert sizes == [4, 4, 2]
    flat = nn.Sequential(nn.Flatten(), nn.Linear(48, 5))
    x = torch.randn(1, 3, 4, 4)
    found = attribute(method, flat, "0", x, CHURCH, {"n_samples": 10, "noise": 0.01})
    with torch.no_grad():
        change = (flat(x) - flat(torch.zeros_like(x)))[0, CHURCH.index].item()
    assert found.values.sum() == pytest.approx(change, abs=0.1)


def test_fractions_are_kept_as_fractions() -> None:
    assert Param("sigma", "Noise", 0.5, 0, 1, 0.1).check(0.25) == 0.25


def test_names_are_distinct() -> None:
    names: list[Callable[[], str] | str] = [method.name for method in METHODS]
    assert len(set(names)) == len(names)


def test_captums_announcements_do_not_reach_a_user() -> None:
    code = (
        "import eca_viz, numpy as np; from eca_viz.saliency.registry import METHODS;"
        "eca_viz.explain(np.zeros((32, 32, 3), np.uint8), 'resnet_tiny_eca',"
        f"saliency=[m.name for m in METHODS], parameters={QUICK!r})"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True
    )
    assert "Warning" not in done.stderr
