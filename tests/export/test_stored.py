"""Explanations in files: what is read was written, and what is shipped is up to date."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eca_viz
from eca_viz.analysis.lesson import extremes, first_layer
from eca_viz.errors import DataError
from eca_viz.export import stored as module
from eca_viz.export.stored import (
    FOLDER,
    LESSONS,
    METHOD,
    any_kept,
    keep,
    kept,
    shipped,
    shipped_lesson,
    store,
    stored,
)
from eca_viz.images.samples import SAMPLES
from eca_viz.inspection import lesson_start
from eca_viz.locale.texts import Text
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.pipeline import first_look

# Differ between machines and versions, not between results.
FREE = {"seconds", "versions"}


def compare(found: Any, expected: Any, where: str = "") -> int:
    """Asserts that two records are equal, arrays to 1e-5; returns how many values were compared."""
    kind = str if isinstance(expected, Text) else type(expected)  # a message is kept in English
    assert isinstance(expected, Mapping) or type(found) is kind, where
    if isinstance(expected, np.ndarray):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape), where
        scale = float(np.abs(expected).max())
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * scale, err_msg=where)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-5), where
    elif dataclasses.is_dataclass(expected):
        names = [field.name for field in dataclasses.fields(expected) if field.name not in FREE]
        return sum(
            compare(getattr(found, name), getattr(expected, name), f"{where}.{name}")
            for name in names
        )
    elif isinstance(expected, Mapping):
        assert list(found) == list(expected), where
        return sum(compare(found[key], expected[key], f"{where}[{key}]") for key in expected)
    elif isinstance(expected, tuple):
        pairs = zip(found, expected, strict=True)
        return sum(compare(*pair, f"{where}[{index}]") for index, pair in enumerate(pairs))
    else:
        assert found == expected, where
    return 1


@pytest.fixture(scope="module")
def network() -> eca_viz.Network:
    return load_network(DEFAULT_NETWORK)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_is_shipped_is_what_the_network_gives(sample, network: eca_viz.Network) -> None:
    image = sample.read()
    expected = eca_viz.explain(image, network, saliency=METHOD)
    found = shipped(image, network.record.sha256)
    assert found is not None, "make it again: python -m eca_viz samples"
    assert compare(found, expected) > 100
    assert not found.attention[0].weights.flags.writeable


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_is_shipped_for_the_lesson_is_what_the_networks_give(
    sample, network: eca_viz.Network
) -> None:
    image = sample.read()
    explanation, features = first_look(image, network)
    found = shipped_lesson(image, network.record.sha256)
    assert found is not None, "make it again: python -m eca_viz samples"
    se_network = load_network(trained_variants()["se"])
    by_se = eca_viz.explain(image, se_network, ())
    record = first_layer(explanation.attention)
    expected = lesson_start(features[record.layer], extremes(record), se_network, by_se)
    assert compare(found, expected) > 20
    assert shipped_lesson(image, "0" * 64) is None
    assert shipped_lesson(dataclasses.replace(image, sample=""), network.record.sha256) is None


def test_nothing_else_is_shipped() -> None:
    for folder in (FOLDER, LESSONS):
        assert {path.stem for path in folder.iterdir()} == {sample.name for sample in SAMPLES}


@pytest.mark.parametrize("gates", ["half", ()])
def test_a_file_holds_everything_but_the_image(gates: str, tmp_path: Path) -> None:
    given = eca_viz.explain(
        SAMPLES[1].read(), "resnet_tiny_se", ("saliency", "deep_lift"), gates=gates, scores=True
    )
    path = tmp_path / "one.safetensors"
    store(given, path)
    found = stored(path, given.image, given.network.sha256)
    assert compare(found, given) > 50
    assert found.versions == given.versions
    assert found.scorecard.seconds == given.scorecard.seconds


def test_another_image_or_network_has_none(tmp_path: Path) -> None:
    given = eca_viz.explain(SAMPLES[1].read(), "resnet_tiny_se", ())
    path = tmp_path / "one.safetensors"
    store(given, path)
    assert stored(path, SAMPLES[2].read(), given.network.sha256) is None
    assert stored(path, given.image, "another") is None
    assert shipped(dataclasses.replace(SAMPLES[0].read(), sample=""), given.network.sha256) is None
    assert shipped(SAMPLES[0].read(), "another") is None


@pytest.mark.parametrize("damage", ["cut", "text", "no metadata"])
def test_a_damaged_file_gets_a_sentence(damage: str, tmp_path: Path) -> None:
    given = eca_viz.explain(SAMPLES[1].read(), "resnet_tiny_se", ())
    path = tmp_path / "one.safetensors"
    store(given, path)
    data = path.read_bytes()
    changed = {
        "cut": data[:-100],
        "text": data.replace(b"predictions", b"predicti0ns"),
        "no metadata": data.replace(b"__metadata__", b"__metadato__"),
    }
    path.write_bytes(changed[damage])
    with pytest.raises(DataError, match=r"one\.safetensors holds no record"):
        stored(path, given.image, given.network.sha256)


def test_the_maker_writes_what_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from eca_viz.cli.main import main
    from eca_viz.export import stored as module

    names = {path.name for path in FOLDER.iterdir()}
    for folder in ("FOLDER", "LESSONS"):
        monkeypatch.setattr(module, folder, tmp_path / folder)
    assert main(["samples"]) == 0
    for folder in ("FOLDER", "LESSONS"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == names
    assert capsys.readouterr().out.count("kB") == 2 * len(SAMPLES)


def test_what_is_kept_is_found_by_later_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", tmp_path / "new")
    given = eca_viz.explain(SAMPLES[1].read(), "resnet_tiny_se", ())
    sha256 = given.network.sha256
    assert kept(given.image, sha256) is None
    assert not any_kept(sha256)
    keep(given)
    found = kept(given.image, sha256)
    assert compare(found, given) > 50
    assert any_kept(sha256)
    assert not any_kept("another")
    assert kept(SAMPLES[2].read(), sha256) is None
    assert kept(dataclasses.replace(given.image, sample=""), sha256) is None


def test_what_other_versions_kept_or_is_damaged_is_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", tmp_path)
    given = eca_viz.explain(SAMPLES[1].read(), "resnet_tiny_se", ())
    keep(dataclasses.replace(given, versions={"torch": "1.0"}))
    assert kept(given.image, given.network.sha256) is None
    keep(given)
    (path,) = tmp_path.rglob("*.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    assert kept(given.image, given.network.sha256) is None


def test_nothing_is_kept_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(module, "KEPT", tmp_path / "file")
    given = eca_viz.explain(SAMPLES[1].read(), "resnet_tiny_se", ())
    keep(given)
    assert kept(given.image, given.network.sha256) is None
