"""Statistics of a folder: equal to all recorded gates, whatever runs them and however often."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from eca_viz.errors import DataError, NetworkError
from eca_viz.gates.forward import attend
from eca_viz.images.reading import read_image
from eca_viz.networks.spec import Network
from eca_viz.records import FolderStatistics, RankedImage
from eca_viz.saliency.methods.layer import gate_attribution
from eca_viz.statistics import engine as engines
from eca_viz.statistics.engine import BATCH
from eca_viz.statistics.local import local
from eca_viz.statistics.run import folder_statistics, skipped
from tests.factories import make_network
from tests.statistics.listed import list_of
from tests.statistics.same import assert_same

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def recorded(small: Network, folder: Path) -> dict[str, np.ndarray]:
    """All gates by layer, the descriptors by layer + "y", logits, and paths, in batches."""
    paths = sorted(folder.rglob("*.png"))
    private = small.private()
    gathered: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(paths), BATCH):
        seen = [
            small.spec.preprocess.see(read_image(path))[0] for path in paths[start : start + BATCH]
        ]
        black = [np.zeros_like(seen[0])] * (BATCH - len(seen))
        inputs = small.spec.preprocess.normalise(np.stack([*seen, *black]))
        logits, attention = attend(private, inputs)
        for key, values in [("logits", logits.numpy())] + [
            pair
            for one in attention
            for pair in ((one.layer, one.weights), (one.layer + "y", one.descriptor))
        ]:
            gathered.setdefault(key, []).append(values[: len(seen)])
    return {key: np.concatenate(values) for key, values in gathered.items()}


def test_every_number_is_that_of_the_recorded_gates(
    found: FolderStatistics, recorded: dict[str, np.ndarray], folder: Path
) -> None:
    paths = sorted(folder.rglob("*.png"))
    names = np.array([path.parent.name.replace("n01440764", "tench") for path in paths])
    assert found.classes == ("church", "nothing known", "tench")
    assert (found.images, found.skipped, found.labelled) == (300, 0, 200)
    best = np.array(["tench", "church", "cup"])[recorded["logits"].argmax(1)]
    known = names != "nothing known"
    assert found.accuracy == np.mean(best[known] == names[known])
    for layer in found.layers:
        gates = recorded[layer.layer]
        for name, one in [(None, layer.total), *layer.classes.items()]:
            chosen = slice(None) if name is None else names == name
            values, y = gates[chosen], recorded[layer.layer + "y"][chosen]
            assert one.count == len(values)
            np.testing.assert_allclose(one.mean, values.mean(0, np.float64), rtol=1e-10)
            np.testing.assert_allclose(one.sd, values.astype(np.float64).std(0), rtol=1e-9)
            np.testing.assert_array_equal(one.low, values.min(0))
            np.testing.assert_array_equal(one.high, values.max(0))
            np.testing.assert_allclose(one.descriptor_mean, y.mean(0, np.float64), rtol=1e-10)
            assert one.histogram.sum(1).tolist() == [len(values)] * layer.channels
            np.testing.assert_array_equal(
                one.histogram[0], np.histogram(values[:, 0], bins=64, range=(0, 1))[0]
            )
        for channel in range(layer.channels):
            order = np.argsort(-gates[:, channel], kind="stable")[:9]
            paths_ = [str(paths[place].relative_to(folder)) for place in order]
            assert [image.path for image in layer.highest[channel]] == paths_
    image = found.layers[0].highest[0][0]
    assert isinstance(image, RankedImage)
    assert image.sha256 == read_image(folder / image.path).sha256


def test_effects_are_captums_gate_by_gate(
    found: FolderStatistics, small: Network, folder: Path, recorded: dict[str, np.ndarray]
) -> None:
    paths = sorted(folder.rglob("*.png"))[:20]
    statistics = folder_statistics(
        folder, small, table=list_of(folder, paths), effects=True, engine=local(0)
    )
    private = small.private()
    for layer in statistics.layers:
        place = private.layer(layer.layer)
        effects = []
        for path, logits in zip(paths, recorded["logits"], strict=False):
            _, inputs = small.spec.preprocess.see(read_image(path))
            found_ = gate_attribution(private.module, place, inputs, int(logits.argmax()))
            effects.append(found_.numpy())
        assert layer.effects is not None
        np.testing.assert_allclose(layer.effects.mean, np.mean(effects, 0), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(
            layer.effects.magnitude, np.abs(effects).mean(0), rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("chunk", [16, 112])
def test_chunks_and_decoding_processes_change_nothing(
    found: FolderStatistics,
    small: Network,
    folder: Path,
    chunk: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "CHUNK", chunk)
    assert_same(folder_statistics(folder, small, effects=True, engine=local(2)), found)


@pytest.fixture
def with_bad(folder: Path, tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """Twenty good images and four bad ones among them."""
    place = tmp_path / "images" / "church"
    place.mkdir(parents=True)
    for path in sorted((folder / "church").iterdir())[:20]:
        shutil.copy(path, place)
    good = (place / "000.png").read_bytes()
    (place / "003a.png").write_bytes(b"")
    (place / "005a.png").write_bytes(good[:200])
    (place / "007a.jpg").write_text("no image")
    bomb = good[:16] + (60_000).to_bytes(4, "big") * 2 + good[24:]
    (place / "009a.png").write_bytes(bomb)
    return place.parent


@pytest.mark.parametrize("workers", [0, 1])
def test_bad_images_are_named_and_skipped(
    small: Network, with_bad: Path, tmp_path: Path, workers: int
) -> None:
    out = tmp_path / "s.parquet"
    found = folder_statistics(with_bad, small, out=out, engine=local(workers))
    assert (found.images, found.skipped) == (20, 4)
    bad = dict(skipped(out))
    assert sorted(bad) == [
        f"church/{name}" for name in ("003a.png", "005a.png", "007a.jpg", "009a.png")
    ]
    assert "is empty" in bad["church/003a.png"]
    assert "is damaged" in bad["church/005a.png"]
    assert "is not an image" in bad["church/007a.jpg"]
    assert found.layers[0].total.count == 20
    for path in ("003a.png", "005a.png", "007a.jpg", "009a.png"):
        (with_bad / "church" / path).unlink()
    clean = folder_statistics(with_bad, small, engine=local(0))
    for one, other in zip(found.layers, clean.layers, strict=True):
        np.testing.assert_allclose(one.total.mean, other.total.mean, rtol=1e-6)


def test_only_bad_images_are_an_error(small: Network, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(DataError, match="none of the 1 images can be used; the first: a.png is em"):
        folder_statistics(tmp_path, small, engine=local(0))


def test_a_flat_folder_is_grouped_by_prediction(small: Network, folder: Path) -> None:
    found = folder_statistics(folder / "church", small, engine=local(0))
    assert found.grouped_by == "prediction"
    assert (found.accuracy, found.labelled) == (None, 0)
    assert set(found.classes) <= {"tench", "church", "cup"}
    assert sum(one.count for one in found.layers[0].classes.values()) == found.images == 100


def test_images_with_numbers_that_are_not_finite_are_skipped(folder: Path, small: Network) -> None:
    class Overflow(type(small.module)):  # type: ignore[misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) / (x.mean((1, 2, 3)) > 0)[:, None]

    module = Overflow().eval().requires_grad_(False)
    found = folder_statistics(
        folder, make_network(module, side=32, labels=("tench", "church", "cup")), engine=local(0)
    )
    assert 0 < found.skipped < 300
    assert found.layers[0].total.count == found.images == 300 - found.skipped


def test_numbers_that_are_never_finite_are_an_error(folder: Path, small: Network) -> None:
    broken = copy.deepcopy(small.module)
    broken.head.bias[0] = float("nan")
    network = make_network(broken, side=32, labels=("tench", "church", "cup"))
    with pytest.raises(DataError, match="can be used; the first: the network gives numbers for"):
        folder_statistics(folder, network, engine=local(0))


def test_a_folder_is_no_place_for_the_result(folder: Path, small: Network) -> None:
    with pytest.raises(DataError, match="is a folder; give the name of a file"):
        folder_statistics(folder, small, out=folder, engine=local(0))


def test_a_network_without_attention_is_refused(folder: Path) -> None:
    with pytest.raises(NetworkError, match="has no attention layers"):
        folder_statistics(folder, "resnet_tiny_none")
