"""Every method equals Captum called directly, reports its progress and can be stopped."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from eca_viz import SaliencyError, load_network
from eca_viz.networks.base import Network
from eca_viz.networks.clone import clone
from eca_viz.parameters import Param
from eca_viz.records import ImageInput, Prediction
from eca_viz.saliency import METHODS, attribute, find_method
from eca_viz.saliency.base import Method
from eca_viz.saliency.direct import DIRECT

CHURCH = Prediction(4, "church", 0.5)
FEW = {"integrated_gradients": {"n_steps": 10}, "occlusion": {"window": 48, "stride": 32}}

by_name = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("eca_resnet18_imagenette")


@pytest.fixture(scope="module")
def inputs(network: Network, china: ImageInput) -> Tensor:
    return network.spec.preprocess.see(china)[1]


def run(network: Network, method: Method, inputs: Tensor, **options: object) -> np.ndarray:
    model = clone(network.module)
    parameters = FEW.get(method.name, {})
    return attribute(method, model, "layer4", inputs, CHURCH, parameters, **options)


@by_name
def test_equals_captum_called_directly(method: Method, network: Network, inputs: Tensor) -> None:
    found = run(network, method, inputs)
    model = clone(network.module)
    parameters = method.complete(FEW.get(method.name, {}))
    x = inputs.clone().requires_grad_()
    expected = DIRECT[method.name](model, model.layer4, x, CHURCH.index, parameters)
    expected = expected[0].detach().numpy()
    assert found.values.shape == (176, 176)
    assert found.values.dtype == np.float32
    np.testing.assert_allclose(
        found.values, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max()
    )


@by_name
def test_record_says_how_it_was_made(method: Method, network: Network, inputs: Tensor) -> None:
    found = run(network, method, inputs)
    assert found.method == method.name
    assert found.target == CHURCH
    assert found.signed is method.signed
    assert found.seconds > 0
    assert found.parameters == method.complete(FEW.get(method.name, {}))
    assert (found.convergence_delta is None) == (method.name != "integrated_gradients")
    if not method.signed:
        assert (found.values >= 0).all()


@by_name
def test_progress_counts_every_forward_pass(
    method: Method, network: Network, inputs: Tensor
) -> None:
    """Declared and real number of passes agree, so that progress ends just below one."""
    fractions: list[float] = []
    run(network, method, inputs, progress=fractions.append)
    expected = method.forwards(method.complete(FEW.get(method.name, {})), 176)
    assert fractions == [n / expected for n in range(expected)]


@pytest.mark.parametrize("side", [33, 64, 97])
@pytest.mark.parametrize("stride", [4, 12, 32])
def test_occlusion_counts_its_windows(side: int, stride: int) -> None:
    method = find_method("occlusion")
    model = nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.LazyLinear(3))
    inputs = torch.randn(1, 3, side, side)
    with torch.no_grad():
        model(inputs)
    fractions: list[float] = []
    parameters = {"window": 32, "stride": stride}
    target = Prediction(0, "any", 0.0)
    attribute(method, model, "0", inputs, target, parameters, fractions.append)
    assert len(fractions) == method.forwards(method.complete(parameters), side)


@by_name
def test_an_exception_from_progress_stops(method: Method, network: Network, inputs: Tensor) -> None:
    class Enough(Exception):
        pass

    calls = 0

    def stop(fraction: float) -> None:
        nonlocal calls
        calls += 1
        if calls == 2 or method.forwards(method.complete({}), 176) == 1:
            raise Enough

    with pytest.raises(Enough):
        run(network, method, inputs, progress=stop)
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


def test_memory_stays_bounded_by_internal_batches(network: Network, inputs: Tensor) -> None:
    sizes: list[int] = []
    for name in ("integrated_gradients", "occlusion"):
        model = clone(network.module)
        model.register_forward_pre_hook(lambda m, args: sizes.append(len(args[0])))
        attribute(find_method(name), model, "layer4", inputs, CHURCH, FEW[name])
    assert max(sizes) <= 8


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
    ],
)
def test_bad_parameters(name: str, parameters: dict[str, float], sentence: str) -> None:
    with pytest.raises(SaliencyError, match=sentence):
        find_method(name).complete(parameters)


def test_an_unknown_method_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(SaliencyError, match="'lime'.*integrated_gradients, grad_cam"):
        find_method("lime")


@by_name
def test_declarations_are_complete(method: Method) -> None:
    assert method.reading.endswith(".")
    for param in method.params:
        assert param.low <= param.default <= param.high
        assert param.check(param.default) == param.default


def test_fractions_are_kept_as_fractions() -> None:
    assert Param("sigma", "Noise", 0.5, 0, 1, 0.1).check(0.25) == 0.25


def test_names_are_distinct() -> None:
    names: list[Callable[[], str] | str] = [method.name for method in METHODS]
    assert len(set(names)) == len(names)


def test_captums_announcements_do_not_reach_a_user() -> None:
    code = (
        "import eca_viz, numpy as np; from eca_viz.pipeline import METHODS;"
        "eca_viz.explain(np.zeros((32, 32, 3), np.uint8), saliency=[m.name for m in METHODS],"
        "parameters={'integrated_gradients': {'n_steps': 10}})"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True
    )
    assert "Warning" not in done.stderr
