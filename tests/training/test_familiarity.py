"""The rates of error of familiarity."""

from pathlib import Path

import pytest
from PIL import Image

from eca_viz.errors import DataError
from eca_viz.networks.loading import load_network
from eca_viz.training.familiarity import familiarity_rates
from tests.factories import make_pixels


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Two images in folders, and a file that is none."""
    for number in range(2):
        folder = tmp_path / f"class{number}"
        folder.mkdir()
        Image.fromarray(make_pixels(number)).save(folder / "a.png")
    (tmp_path / "list.csv").write_text("path,label\n")
    return tmp_path


def test_rates_over_what_the_reference_does_not_hold(small_imagenette: Path, others: Path) -> None:
    """Of ten validation images every fourth belongs to the reference."""
    calls: list[tuple[int, int]] = []
    rates = familiarity_rates(
        load_network("resnet_tiny_eca"),
        small_imagenette,
        others,
        lambda done, total: calls.append((done, total)),
    )
    assert (rates.own, rates.others) == (7, 2)
    assert calls[-1] == (10, 10)
    assert 0 <= rates.auroc <= 1
    assert rates.false_alarms <= rates.doubts <= 1
    assert rates.told <= rates.doubted <= 1
    (skipped,) = rates.skipped
    assert "list.csv" in skipped


def test_a_network_without_a_reference_is_an_error(small_imagenette: Path, others: Path) -> None:
    network = load_network("resnet_tiny_none")
    with pytest.raises(DataError, match="no reference is shipped"):
        familiarity_rates(network, small_imagenette, others, lambda done, total: None)


def test_a_folder_without_images_is_an_error(small_imagenette: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="found no image in"):
        familiarity_rates(
            load_network("resnet_tiny_eca"), small_imagenette, tmp_path, lambda done, total: None
        )
