"""DeepLift adds up where Captum's alone does not: through gates, and through every activation."""

import numpy as np
import pytest
import timm
import torch
import torchvision
from captum.attr import DeepLift
from torch import Tensor, nn

from eca_viz import load_network
from eca_viz.errors import SaliencyError
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.clone import clone
from eca_viz.networks.state import prepare
from eca_viz.records import ImageInput, Prediction
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.methods.deep_lift_rules import Rescale
from eca_viz.saliency.registry import find_method

METHOD = find_method("deep_lift")
CHURCH = Prediction(4, "church", 0.5)
# Of the change of the class score: what is left is rounding.
TOLERANCE = 1e-4


def change(module: nn.Module, inputs: Tensor, target: int) -> float:
    with torch.no_grad():
        return (module(inputs) - module(torch.zeros_like(inputs)))[0, target].item()


@pytest.mark.parametrize("target", [4, 0, 7])
def test_adds_up_on_the_trained_network(china: ImageInput, target: int) -> None:
    """Captum alone misses more than a third of the change here."""
    network = load_network("eca_resnet18_imagenette")
    inputs = network.spec.preprocess.see(china)[1]
    expected = change(network.module, inputs, target)
    wanted = Prediction(target, "any", 0.0)
    found = attribute(METHOD, clone(network.module), "layer4", inputs, wanted, {})
    assert found.values.sum() == pytest.approx(expected, abs=TOLERANCE * abs(expected))
    assert found.convergence_delta == pytest.approx(0, abs=TOLERANCE * abs(expected))
    _, alone = DeepLift(clone(network.module)).attribute(
        inputs.clone(), target=target, return_convergence_delta=True
    )
    assert abs(alone.item()) > 0.3 * abs(expected)


@pytest.mark.parametrize("name", trained_variants().values())
def test_adds_up_through_every_mechanism(name: str, china: ImageInput) -> None:
    network = load_network(name)
    inputs = network.spec.preprocess.see(china)[1]
    expected = change(network.module, inputs, CHURCH.index)
    found = attribute(METHOD, clone(network.module), "layer4", inputs, CHURCH, {})
    assert found.values.sum() == pytest.approx(expected, abs=TOLERANCE * abs(expected))


def test_without_gates_it_is_captums_own(china: ImageInput) -> None:
    network = load_network("resnet_tiny_none")
    inputs = network.spec.preprocess.see(china)[1]
    expected = DeepLift(clone(network.module)).attribute(inputs.clone(), target=4).detach()
    with Rescale():
        found = DeepLift(clone(network.module)).attribute(inputs.clone(), target=4).detach()
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def shaken(module: nn.Module) -> nn.Module:
    """With batch norms and gains that let the image through, as after training."""
    generator = torch.Generator().manual_seed(0)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3, generator=generator)
            part.running_var.uniform_(0.1, 1.0, generator=generator)
            part.weight.data.uniform_(0.5, 1.5, generator=generator)
            part.bias.data.normal_(0, 0.3, generator=generator)
    return prepare(module)


@pytest.mark.parametrize(
    "name", ["timm:seresnet18", "timm:mobilenetv3_small_100", "torchvision:mobilenet_v3_small"]
)
def test_adds_up_through_other_libraries_layers(name: str) -> None:
    """timm's own sigmoid, hard sigmoids, hard swishes, ReLUs that work in place."""
    torch.manual_seed(0)
    library, _, bare = name.partition(":")
    make = timm.create_model if library == "timm" else torchvision.models.get_model
    module = shaken(make(bare))
    inputs = torch.randn(1, 3, 96, 96)
    expected = change(module, inputs, 4)
    found = attribute(METHOD, clone(module), "", inputs, CHURCH, {})
    assert found.values.sum() == pytest.approx(expected, abs=1e-3 * float(abs(found.values).sum()))


class Squared(nn.Module):
    """Something that no rule covers."""

    def forward(self, x: Tensor) -> Tensor:
        return x.exp()


def test_says_where_something_has_no_rule() -> None:
    model = nn.Sequential(Squared(), nn.Flatten(), nn.Linear(27, 5))
    with pytest.raises(SaliencyError, match="no rule for something in this network"):
        attribute(METHOD, model, "0", 2 + torch.randn(1, 3, 3, 3), CHURCH, {})


def test_says_where_one_activation_stands_in_two_places() -> None:
    relu = nn.ReLU()
    model = nn.Sequential(nn.Flatten(), nn.Linear(27, 9), relu, nn.Linear(9, 9), relu)
    with pytest.raises(SaliencyError, match="uses one in several"):
        attribute(METHOD, model, "0", torch.randn(1, 3, 3, 3), CHURCH, {})


class Gated(nn.Module):
    """f(x) = x₀ · σ(x₁), by hand."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.flatten(1).split(1, dim=1)
        return first * torch.sigmoid(second)


def test_a_gate_by_hand() -> None:
    """Baseline 0: f(3, 2) = 3 σ(2); x₀ gets 3 · (σ(2) + ½)/2, the gate 1.5 · (σ(2) − ½)."""
    with Rescale():
        found = DeepLift(Gated()).attribute(torch.tensor([[3.0, 2.0]]), target=0)
    gate = 1 / (1 + np.exp(-2.0))
    expected = [[3 * (gate + 0.5) / 2, 1.5 * (gate - 0.5)]]
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("function", [torch.sigmoid, nn.functional.silu, nn.functional.hardswish])
def test_the_slope_stands_in_where_nothing_changes(function: object) -> None:
    x = torch.full((2, 1), 0.7, requires_grad=True)
    with Rescale():
        function(x).sum().backward()
    slope = torch.autograd.functional.jacobian(lambda v: function(v).sum(), torch.full((2, 1), 0.7))
    torch.testing.assert_close(x.grad, slope)


def test_products_in_place_and_with_constants() -> None:
    x = torch.tensor([[3.0, 2.0], [1.0, 5.0]], requires_grad=True)
    with Rescale():
        y = x * 1.0
        y.mul_(x + 0.0)
        z = y * torch.tensor(2.0)
    z.sum().backward()
    torch.testing.assert_close(z.detach(), 2 * x.detach() ** 2)
    torch.testing.assert_close(x.grad, 2 * (x + x.flip(0)).detach())
