"""The shipped table of networks: as measured, complete, and read without building anything."""

from pathlib import Path

import pytest

from eca_viz.networks import survey, table
from eca_viz.networks.hubs import torchvision_hub
from eca_viz.networks.hubs.lookup import TORCHVISION
from eca_viz.networks.registry import NETWORKS, downloadable
from eca_viz.networks.spec import NetworkSpec
from eca_viz.networks.survey import every_name, listed, write_table
from eca_viz.networks.table import names, read_table
from eca_viz.paths import ASSETS
from eca_viz.paths import NETWORKS as FILE

ROWS = {row.name: row for row in read_table()}


def test_lists_what_is_bundled_and_the_hubs_registries_in_order() -> None:
    """Rows of the hubs' networks are measured again in the hubs' own tests."""
    assert names() == every_name()
    assert len(ROWS) == len(names())


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)
def test_bundled_networks_are_as_measured(spec: NetworkSpec) -> None:
    assert listed(spec, spec.outline()) == ROWS[spec.name]
    assert ROWS[spec.name].on_disk()
    assert ROWS[spec.name].bundled


def test_downloadable_are_those_with_weights_elsewhere() -> None:
    assert "timm:ecaresnet50t.a1_in1k" in downloadable()
    assert "torchvision:mobilenet_v3_small" in downloadable()
    without = set(names()) - set(downloadable())
    assert without == {spec.name for spec in NETWORKS} | {
        name for name in names("timm:") if "." not in name
    }
    assert not ROWS["timm:eca_vovnet39b"].on_disk()


def test_what_was_downloaded_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    row = ROWS["torchvision:mobilenet_v3_small"]
    assert not row.on_disk()
    path = tmp_path / "hub" / "checkpoints" / Path(row.weights).name
    path.parent.mkdir(parents=True)
    path.touch()
    assert row.on_disk()
    asked: list[str] = []
    monkeypatch.setattr(table, "hub_file", asked.append)
    assert not ROWS["timm:ecaresnet50t.a1_in1k"].on_disk()
    assert asked == ["timm/ecaresnet50t.a1_in1k"]


def test_the_table_is_written_as_it_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = ["eca_resnet18_imagenette", "timm:ecaresnet26t.ra2_in1k", f"{TORCHVISION}regnet_y_400mf"]
    monkeypatch.setattr(survey, "every_name", lambda: some)
    write_table(tmp_path / "networks.json")
    lines = (tmp_path / "networks.json").read_text(encoding="utf-8").splitlines()
    shipped = (ASSETS / FILE).read_text(encoding="utf-8").splitlines()
    assert lines[0] == shipped[0] == "["
    assert lines[-1] == shipped[-1] == "]"
    assert {line.rstrip(",") for line in lines} <= {line.rstrip(",") for line in shipped}
    assert len(lines) == 2 + len(some)
    assert torchvision_hub.weights_of(some[2]) in lines[3]
