"""clone(): the tensors are shared, everything else is private."""

import copy

import pytest
import timm
import torch
from torch import nn
from torchvision.models import mobilenet_v3_small, resnet18

from eca_viz.networks.architectures.eca_resnet import eca_resnet18, eca_resnet50
from eca_viz.networks.clone import clone

MODELS = {
    "eca_resnet18": lambda: eca_resnet18(num_classes=4),
    "eca_resnet50": lambda: eca_resnet50(num_classes=4),
    "torchvision-shared-relu": lambda: resnet18(num_classes=4),
    "torchvision-mobilenet": lambda: mobilenet_v3_small(num_classes=4),
    "timm-ecaresnet": lambda: timm.create_model("ecaresnet26t", num_classes=4),
    "timm-nfnet": lambda: timm.create_model("eca_nfnet_l0", num_classes=4),
}


@pytest.fixture(params=MODELS, scope="module")
def model(request: pytest.FixtureRequest) -> nn.Module:
    return MODELS[request.param]().eval().requires_grad_(False)


def test_same_output_and_same_tensors(model: nn.Module) -> None:
    private = clone(model)
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(private(x), model(x), rtol=0, atol=0)
    ours, theirs = private.state_dict(keep_vars=True), model.state_dict(keep_vars=True)
    assert ours.keys() == theirs.keys()
    assert all(ours[key] is theirs[key] for key in ours)


def test_same_tree_as_a_deep_copy(model: nn.Module) -> None:
    private, deep = clone(model), copy.deepcopy(model)
    assert repr(private) == repr(deep)
    for ours, theirs, given in zip(private.modules(), deep.modules(), model.modules(), strict=True):
        assert type(ours) is type(theirs)
        assert ours is not given
        assert ours.__dict__.keys() == theirs.__dict__.keys()
        for name, value in given.__dict__.items():
            if isinstance(value, dict | list | set):
                assert ours.__dict__[name] is not value, name
                assert type(ours.__dict__[name]) is type(value), name


def test_what_happens_to_the_clone_stays_there(model: nn.Module) -> None:
    before = {name: type(module) for name, module in model.named_modules()}
    private = clone(model)
    for module in private.modules():
        module.register_forward_hook(lambda *_: None)
        module.register_full_backward_hook(lambda *_: None)
        module.extra = "left behind"
    for child in list(private._modules):
        private._modules[child] = nn.Identity()
    private.register_buffer("more", torch.zeros(1))
    assert {name: type(module) for name, module in model.named_modules()} == before
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._backward_hooks
        assert not hasattr(module, "extra")
    assert "more" not in dict(model.named_buffers())


def test_a_shared_module_stays_shared() -> None:
    relu = nn.ReLU()
    private = clone(nn.Sequential(relu, nn.Linear(2, 2), relu))
    assert private[0] is private[2]
    assert private[0] is not relu


def test_references_outside_the_tree_of_children_follow() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    model.aside = [model[0]]
    model.bound = model[0].forward
    private = clone(model)
    assert private.aside[0] is private[0]
    assert private.bound.__self__ is private[0]
