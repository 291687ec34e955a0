"""Networks of timm: its registry, its metadata, its weights from a local file."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from timm.data import create_transform, resolve_model_data_config
from timm.layers import CecaModule, EcaModule

import eca_viz
from eca_viz.gates.forward import attend
from eca_viz.images.reading import read_image
from eca_viz.networks.hubs import timm_hub
from eca_viz.networks.shapes_only import ShapesOnly
from eca_viz.networks.survey import listed
from eca_viz.saliency.registry import METHODS
from tests.factories import QUICK, make_pixels, randomise, save_bare, save_safetensors
from tests.networks.rows import row_of

by_name = pytest.mark.parametrize("name", timm_hub.names())


# What timm's create_attn makes an ECA layer of.
WORDS = {"eca", "ecam", "ceca"}
CLASSES = {"EcaModule", "CecaModule", "EfficientChannelAttn", "CircularEfficientChannelAttn"}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def values(tree: ast.AST) -> set[str]:
    """The string constants and identifiers in a piece of code that are not only compared with."""
    found = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        given = (getattr(node, field, None) for field in ("value", "id", "attr", "name"))
        found |= {text for text in given if isinstance(text, str)}
        if not isinstance(node, ast.Compare):
            waiting += ast.iter_child_nodes(node)
    return found


def carriers(path: Path) -> set[str]:
    """What brings a word into the networks of a module: entry points, entries of its table.

    Fails for a word that stands anywhere else, such as in a class or as a default.
    """
    found = set()
    for statement in parse(path).body:
        if not values(statement) & WORDS:
            continue
        if isinstance(statement, ast.FunctionDef):
            assert timm.is_model(statement.name), f"{path}: {statement.name}"
            found.add(statement.name)
            continue
        assert isinstance(statement, ast.Assign | ast.AnnAssign), ast.unparse(statement)
        assert isinstance(statement.value, ast.Call), ast.unparse(statement)
        assert ast.unparse(statement.value.func) == "dict"
        entries = statement.value.keywords
        found |= {str(entry.arg) for entry in entries if values(entry.value) & WORDS}
    return found


def holds_eca(architecture: str) -> bool:
    with ShapesOnly():
        model = timm.create_model(architecture)
    return any(isinstance(module, EcaModule | CecaModule) for module in model.modules())


def test_names_are_all_of_timm_with_eca() -> None:
    """Proves that the list is complete, from timm's source, and builds what could hold ECA.

    No module of timm's networks names the classes of ECA; in timm only create_attn does, which
    makes them of three words. As values (`attn_layer="eca"`) these stand only in entry points
    and in entries of the tables that entry points look their settings up in. So a network can
    hold ECA only where its entry point holds a word or names such an entry or entry point. All
    of these are built: just the listed ones, and each of them, hold an ECA layer.
    """
    models, layers = (Path(timm.__file__).parent / part for part in ("models", "layers"))
    sources = {path.stem: path for path in models.glob("*.py")}
    assert not [name for name, path in sources.items() if values(parse(path)) & CLASSES]
    users = {path.name for path in layers.glob("*.py") if values(parse(path)) & CLASSES}
    assert users == {"__init__.py", "create_attn.py", "eca.py"}
    source = (layers / "create_attn.py").read_text(encoding="utf-8")
    assert set(re.findall(r"'(\w*eca\w*)'", source)) == WORDS
    bringing = WORDS.union(*map(carriers, sources.values()))
    entry_points = {
        statement.name: values(statement)
        for path in sources.values()
        for statement in parse(path).body
        if isinstance(statement, ast.FunctionDef)
    }
    assert entry_points.keys() >= set(timm.list_models())
    near = {name for name in timm.list_models() if entry_points[name] & bringing}
    architectures = {name.removeprefix("timm:").partition(".")[0] for name in timm_hub.names()}
    assert len(architectures) == 23
    assert {name for name in near if holds_eca(name)} == architectures


@by_name
def test_described_by_timms_metadata(name: str) -> None:
    found = timm_hub.find_network(name)
    assert found.name == name
    outline = found.outline()
    assert outline.state_dict()[found.head].shape[0] == found.classes == 1000
    outline.get_submodule(found.gradcam_layer)
    assert eca_viz.find_attention(outline)
    assert listed(found, outline) == row_of(name)
    labels = found.labels()
    assert labels[217] == "English springer"
    assert len(labels) == 1000
    assert found.licence == "apache-2.0"
    assert (found.fetch is not None) == ("." in name)


@pytest.mark.parametrize("name", ["ecaresnet26t", "ecaresnet50t.a1_in1k", "eca_nfnet_l0"])
def test_sees_a_photograph_as_timms_own_transform(name: str) -> None:
    found = timm_hub.find_network(name)
    config = timm.get_pretrained_cfg(name)
    with torch.device("meta"):
        model = timm.create_model(name)
    model.pretrained_cfg = config.to_dict()
    transform = create_transform(**resolve_model_data_config(model), is_training=False)
    pixels = make_pixels(3, 400, 301)
    _, ours = found.preprocess.see(read_image(pixels))
    theirs = transform(Image.fromarray(pixels))
    torch.testing.assert_close(ours[0], theirs, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def ecaresnet26t(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = randomise(timm.create_model("ecaresnet26t"))
    path = tmp_path_factory.mktemp("timm") / "26t.safetensors"
    save_safetensors(model, path)
    return path


def test_a_local_file_stands_in_for_the_download(ecaresnet26t: Path) -> None:
    overlay = {"file": str(ecaresnet26t)}
    direct = timm.create_model("ecaresnet26t", pretrained=True, pretrained_cfg_overlay=overlay)
    network = eca_viz.load_network("timm:ecaresnet26t", weights=ecaresnet26t)
    explanation = eca_viz.explain(make_pixels(5, 300, 300), network=network, saliency=())
    _, inputs = network.spec.preprocess.see(explanation.image)
    with torch.no_grad():
        expected = direct.eval()(inputs)
    logits, attention = attend(network.private(), inputs)
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    assert [record.layer for record in attention[:2]] == ["layer1.0.se", "layer1.1.se"]
    assert [record.kernel_size for record in attention] == [5] * 6 + [7] * 2
    assert explanation.network.options == {"weights": str(ecaresnet26t)}
    assert explanation.network.name == "timm:ecaresnet26t.ra2_in1k"


def test_a_file_alone_is_recognised(ecaresnet26t: Path) -> None:
    network = eca_viz.load_network(ecaresnet26t)
    assert network.record.title == "ecaresnet26t.ra2_in1k, 1000 classes · 26t.safetensors"
    assert network.spec.preprocess.crop == 256


def test_every_method_of_saliency_works_or_says_why(ecaresnet26t: Path) -> None:
    network = eca_viz.load_network("timm:ecaresnet26t", weights=ecaresnet26t)
    for method in METHODS:
        given = {name: values for name, values in QUICK.items() if name == method.name}
        found = eca_viz.explain(make_pixels(), network, method.name, parameters=given).saliency[0]
        assert found.values.shape == (256, 256)
        assert np.isfinite(found.values).all()


def test_another_number_of_classes(tmp_path: Path) -> None:
    path = tmp_path / "flowers.pth"
    save_bare(timm.create_model("eca_resnext26ts", num_classes=6), path)
    network = eca_viz.load_network("timm:eca_resnext26ts", weights=path, labels=list("abcdef"))
    assert network.record.labels == tuple("abcdef")
    again = eca_viz.load_network(path)
    assert again.record.labels == tuple(f"class {n}" for n in range(6))
    with pytest.raises(eca_viz.SaliencyError, match="guided|Guided"):
        eca_viz.explain(make_pixels(), again, "guided_backprop")


def test_weights_of_another_network_are_named(ecaresnet26t: Path) -> None:
    with pytest.raises(eca_viz.NetworkError, match=r"do not fit ecaresnet50t.*is missing"):
        eca_viz.load_network("timm:ecaresnet50t", weights=ecaresnet26t)


def test_nearly_all_tensors_are_enough_to_say_which_are_wrong(
    ecaresnet26t: Path, tmp_path: Path
) -> None:
    state = eca_viz.networks.files.untrusted.open_weights(ecaresnet26t).tensors
    path = tmp_path / "w.pth"
    torch.save({key: value for key, value in state.items() if key != "layer1.0.bn1.bias"}, path)
    with pytest.raises(eca_viz.NetworkError, match=r"ecaresnet26t.*layer1.0.bn1.bias is missing"):
        eca_viz.load_network(path)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(eca_viz.NetworkError, match=r"no network 'ecaresnet51t'.*timm:ecaresnet50t"):
        eca_viz.load_network("timm:ecaresnet51t")


def test_an_unknown_tag_is_answered_with_the_nearest() -> None:
    with pytest.raises(eca_viz.NetworkError, match=r"no network 'ecaresnet50t.bogus'; see timm:"):
        eca_viz.load_network("timm:ecaresnet50t.bogus")


def test_a_network_without_attention_is_refused_before_it_is_downloaded() -> None:
    with pytest.raises(eca_viz.NetworkError, match="resnet18.* holds no channel attention"):
        eca_viz.load_network("timm:resnet18")


def test_a_network_without_published_weights_asks_for_a_file() -> None:
    with pytest.raises(eca_viz.NetworkError, match="no trained weights for timm:eca_vovnet39b"):
        eca_viz.load_network("timm:eca_vovnet39b")


def test_a_network_without_attention_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    save_bare(timm.create_model("resnet18", num_classes=3), path)
    with pytest.raises(eca_viz.NetworkError, match="resnet18.* holds no channel attention"):
        eca_viz.load_network("timm:resnet18", weights=path)


@pytest.mark.parametrize("name", ["seresnet18", "ese_vovnet19b_dw", "efficientnet_lite0"])
def test_other_attention_of_timm(name: str, tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    save_bare(randomise(timm.create_model(name, num_classes=3)), path)
    if name == "efficientnet_lite0":  # the one EfficientNet without SE
        with pytest.raises(eca_viz.NetworkError, match="holds no channel attention"):
            eca_viz.load_network(f"timm:{name}", weights=path)
        return
    network = eca_viz.load_network(f"timm:{name}", weights=path)
    records = eca_viz.explain(make_pixels(), network, saliency="grad_cam").attention
    assert {record.kernel_size for record in records} == {None}
    assert all((record.reduction or 0) > 1 for record in records) == (name == "seresnet18")
