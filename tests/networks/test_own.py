"""Networks of one's own: a module in memory, and a function in a Python file."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import eca_viz
from eca_viz import Network, NetworkError
from eca_viz.export.files import snippet
from eca_viz.networks.own import digest, is_own, keep, load_own
from eca_viz.networks.preprocess import Preprocess
from tests.factories import make_pixels
from tests.layers import CalledECA
from tests.own_network import write_own_network


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_own_network(tmp_path)


def plain(classes: int = 3) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 24, 3, stride=2),
        nn.ReLU(inplace=True),
        CalledECA(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(24, classes),
    )


def test_a_function_in_a_file_is_a_network(file: Path) -> None:
    network = load_own(f"{file}:build")
    assert network.record.labels == ("cat", "dog", "cup")
    assert network.spec.preprocess == Preprocess(40, 32)
    assert network.spec.gradcam_layer == "4"
    explanation = eca_viz.explain(make_pixels(), network, "grad_cam")
    record, odd = explanation.attention
    assert (record.mechanism, record.verified) == ("eca", "formula")
    assert (odd.mechanism, odd.verified) == ("gate", "weights")
    assert explanation.unread[0].startswith(
        "1 module is attention without one factor for each channel and is not read: 4;"
    )
    with torch.no_grad():
        logits = network.module(network.spec.preprocess.normalise(explanation.seen))
    np.testing.assert_allclose(explanation.probabilities, logits.softmax(1)[0], rtol=1e-5)
    assert f"network=eca_viz.load_own('{file}:build')" in snippet(explanation)


def test_it_is_built_once_while_the_file_stays_as_it_is(file: Path) -> None:
    first = load_own(f"{file}:build")
    assert load_own(f"{file}:build") is first
    assert load_own(f"{file}:build", ["a", "b", "c"]).record.labels == ("a", "b", "c")
    file.write_text(file.read_text().replace('"cup"', '"mug"'))
    os.utime(file, ns=(1, 1))
    assert load_own(f"{file}:build").record.labels == ("cat", "dog", "mug")


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("nothing", "defines no function 'nothing'"),
        ("NUMBER", "defines no function 'NUMBER'"),
        ("broken", "mymodel.py:broken failed with RuntimeError: no weights here"),
        ("labels", "defines no function 'labels'"),
    ],
)
def test_a_function_that_builds_nothing_is_refused(
    file: Path, function: str, sentence: str
) -> None:
    with pytest.raises(NetworkError, match=sentence):
        load_own(f"{file}:{function}")


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="No such file"):
        load_own(f"{tmp_path / 'none.py'}:build")
    bad = tmp_path / "bad.py"
    bad.write_text("import no_such_module_anywhere\n")
    with pytest.raises(NetworkError, match=r"bad.py failed with ModuleNotFoundError: .*anywhere"):
        load_own(f"{bad}:build")
    with pytest.raises(NetworkError, match="give a file and its function"):
        load_own("mymodel")


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("mymodel.py:build", True),
        ("/a b/mymodel.py:build", True),
        ("mymodel.py", False),
        ("timm:ecaresnet26t", False),
        ("weights.pth", False),
        ("mymodel.py:build()", False),
    ],
)
def test_which_names_mean_a_function(name: str, own: bool) -> None:
    assert is_own(name) == own


def test_load_network_runs_no_file(file: Path) -> None:
    """Names come from links and pages too."""
    with pytest.raises(NetworkError):
        eca_viz.load_network(f"{file}:build")


def test_a_module_in_memory_is_a_network() -> None:
    model = plain()
    x = torch.randn(1, 3, 224, 224)
    expected = model(x).detach()
    network = Network.wrap(model, labels=["a", "b", "b"])
    assert network.module is model
    assert network.record.name == "Sequential"
    assert network.record.labels == ("a", "b (1)", "b (2)")
    assert not any(parameter.requires_grad for parameter in model.parameters())
    torch.testing.assert_close(model(x), expected)
    explanation = eca_viz.explain(make_pixels(), network, ("integrated_gradients", "grad_cam"))
    assert [record.layer for record in explanation.attention] == ["2"]
    assert "# `network` is what eca_viz.Network.wrap gave." in snippet(explanation)
    assert "network=network," in snippet(explanation)
    changed = eca_viz.explain(make_pixels(), network, (), gates="all:ones")
    assert (changed.attention[0].weights == 1).all()


class Halved(nn.Module):
    """One factor a channel, at most a half, of a structure that does not look like attention."""

    def forward(self, x: Tensor) -> Tensor:
        size = x.abs().mean((2, 3), keepdim=True)
        return x * size / (2 * size + 1)


def test_a_module_of_unknown_structure_is_read_where_it_is_named() -> None:
    model = plain()
    model[2] = Halved()
    assert Network.wrap(model).layers == ()
    network = Network.wrap(model, also=["2"])
    assert network.record.sha256 != Network.wrap(model).record.sha256
    explanation = eca_viz.explain(make_pixels(), network, ())
    (record,) = explanation.attention
    assert (record.layer, record.mechanism, record.verified) == ("2", "gate", "weights")
    with torch.no_grad():
        x = model[:2](network.spec.preprocess.normalise(explanation.seen))
        expected = model[2](x).sum((2, 3)) / x.sum((2, 3))
    np.testing.assert_allclose(record.weights, expected, rtol=1e-4)
    assert explanation.unread == ()
    changed = eca_viz.explain(make_pixels(), network, "grad_cam", gates="all:ones")
    np.testing.assert_allclose(changed.attention[0].weights, 1, rtol=1e-5)
    with torch.no_grad():
        logits = model[3:](model[:2](network.spec.preprocess.normalise(changed.seen)))
    np.testing.assert_allclose(changed.probabilities, logits.softmax(1)[0], rtol=1e-5)


def test_a_file_names_modules_too(file: Path) -> None:
    file.write_text(file.read_text().replace('labels = ["cat', 'also = ["4"]\nlabels = ["cat', 1))
    network = load_own(f"{file}:build")
    assert [layer.name for layer in network.layers] == ["2", "3", "4"]
    with pytest.raises(NetworkError, match="^4 is named in `also` and does not multiply"):
        eca_viz.explain(make_pixels(), network, ())


def test_classes_without_names_are_numbered() -> None:
    network = Network.wrap(plain(2), name="mine", preprocess=Preprocess(64, 64))
    assert network.record.labels == ("class 0", "class 1")
    assert network.record.name == network.record.title == "mine"


def test_results_depend_on_what_the_network_sees_and_on_its_code(file: Path) -> None:
    one = Network.wrap(plain(2), preprocess=Preprocess(64, 64)).record.sha256
    assert Network.wrap(plain(2), preprocess=Preprocess(64, 64)).record.sha256 == one
    assert Network.wrap(plain(2), preprocess=Preprocess(96, 64)).record.sha256 != one
    before = load_own(f"{file}:build").record.sha256
    os.utime(file, ns=(2, 2))
    assert load_own(f"{file}:build").record.sha256 != before
    network = Network.wrap(plain(2))
    kept = [load_own(keep(network)) for _ in range(2)]
    assert kept[0].module is kept[1].module
    assert kept[0].record.sha256 != kept[1].record.sha256


def test_nothing_is_left_in_the_interpreter(file: Path) -> None:
    paths, modules = list(sys.path), set(sys.modules)
    load_own(f"{file}:build")
    with pytest.raises(NetworkError):
        load_own(f"{file}:broken")
    assert sys.path == paths
    assert {name for name in set(sys.modules) - modules if "mymodel" in name} == set()


def test_the_digest_follows_the_weights() -> None:
    one, other = plain(), plain()
    assert digest(one) == digest(other)
    with torch.no_grad():
        other[0].bias[0] += 1
    assert digest(one) != digest(other)
    assert digest(one.half()) != digest(plain())


class Several(nn.Module):
    """Gives more than logits."""

    def __init__(self) -> None:
        super().__init__()
        self.body = plain()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.body(x), x


@pytest.mark.parametrize(
    ("model", "settings", "sentence"),
    [
        ("resnet50", {}, "got str as a network; give a torch.nn.Module"),
        (plain(), {"labels": ["one"]}, "got 1 labels for 3 classes"),
        (plain(), {"labels": [1, 2, 3]}, "got labels that are not all texts"),
        (plain(), {"labels": "abc"}, "got 'abc' as labels; give a list"),
        (plain(), {"labels": 3}, "got 3 as labels; give a list"),
        (plain(), {"also": ["none"]}, "Sequential has no module 'none'; its modules are 0, 1"),
        (plain(), {"also": "2"}, "got '2' as also; give a list"),
        (plain(), {"preprocess": {"size": 3}}, "got preprocess {'size': 3}; give a mapping"),
        (Several(), {"labels": ["one"]}, "got 1 labels for an output of tuple; give one for"),
        (nn.Sequential(nn.Conv2d(5, 4, 3)), {}, "failed on an image .* with RuntimeError"),
        (nn.Sequential(nn.Flatten(), nn.Linear(3 * 224**2, 2)), {}, "no module that gives a feat"),
    ],
)
def test_what_does_not_fit_is_refused(
    model: nn.Module, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(NetworkError, match=sentence):
        Network.wrap(model, **settings)  # type: ignore[arg-type]
