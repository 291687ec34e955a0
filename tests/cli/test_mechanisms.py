"""`mechanisms` and `ablate` as a user calls them."""

import json
import re
from pathlib import Path

import pytest

from eca_viz.analysis.ablation import add_row
from eca_viz.attention.variants import VARIANTS
from eca_viz.cli import mechanisms as cli_mechanisms
from eca_viz.cli.main import main
from eca_viz.paths import ABLATION
from eca_viz.training import ablation
from tests.factories import SHORT, SHORT_PLAN, rows

Captured = pytest.CaptureFixture[str]


def test_mechanisms_in_words(capsys: Captured) -> None:
    assert main(["mechanisms", "--channels", "128"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "C = 128" in lines[0]
    assert len(lines) == 2 + len(VARIANTS)
    assert re.fullmatch(r"SE +low rank +2,048 +76\.71  \S.*", lines[3])
    assert re.fullmatch(r"ECA +band +5 +77\.48  \S.*", lines[11])


def test_mechanisms_as_json(capsys: Captured) -> None:
    assert main(["mechanisms", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found] == [variant.name for variant in VARIANTS]
    assert found[4]["parameters"] == 256**2
    assert found[0]["paper_top1"] == 75.20


def test_mechanisms_without_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(cli_mechanisms, "ASSETS", tmp_path)
    assert main(["mechanisms"]) == 0
    assert capsys.readouterr().out.count("not measured") == len(VARIANTS)


def test_report_sums_up_the_table_and_says_what_is_left(tmp_path: Path, capsys: Captured) -> None:
    for row in rows(se=[0.79, 0.80], eca=[0.80, 0.82], none=[0.7]):
        add_row(tmp_path / ABLATION, row)
    assert main(["ablate", "--report", "--assets", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"se +2  0\.7950  0\.0071  0\.9700 +1,000 +12 +60   -0\.0150, p = 0\.205 \(2 pairs\)",
        lines[1],
    )
    assert lines[2].endswith("–")
    assert re.fullmatch(r"none +1  0\.7000       –.*too few for a test \(1 pairs\)", lines[3])
    assert "neither confirm nor refute" in lines[4]
    assert lines[5] == "40 of 45 runs are left, next se_var1 seed 0"


def test_report_without_runs(tmp_path: Path, capsys: Captured) -> None:
    assert main(["ablate", "--report", "--assets", str(tmp_path), "--seeds", "2"]) == 0
    assert capsys.readouterr().out.endswith("30 of 30 runs are left, next none seed 0\n")


def test_ablate_trains_and_reports(
    small_imagenette: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr("eca_viz.training.plan.plan", lambda seeds: SHORT_PLAN[:2])
    monkeypatch.setattr(ablation, "ablate", _short(ablation.ablate))
    arguments = ["ablate", "--data", str(small_imagenette), "--assets", str(tmp_path)]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"se_var2 seed 0  epoch 1/1  32 px  loss \d\.\d{4}  \d+ s\n", printed)
    assert re.search(r"se_var2 seed 0: top-1 0\.\d{4} .* 1 of 2 runs are left, next eca", printed)
    assert printed.endswith("0 of 2 runs are left\n")


def _short(ablate):
    return lambda *args, **kwargs: ablate(*args, **kwargs, recipe=SHORT)


def test_ablate_wants_data_or_report(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["ablate"])
    assert caught.value.code == 2
    assert "give --data DIR to train, or --report" in capsys.readouterr().err


def test_missing_data_is_a_sentence(tmp_path: Path, capsys: Captured) -> None:
    assert main(["ablate", "--data", str(tmp_path), "--assets", str(tmp_path)]) == 2
    assert "no Imagenette in" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--seeds", "--jobs"])
def test_numbers_below_one_are_refused(option: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["ablate", "--report", option, "0"])
    assert "got 0; give 1 or more" in capsys.readouterr().err


def test_networks_of_the_ablation_by_name(
    photograph_file: Path, tmp_path: Path, capsys: Captured
) -> None:
    """Also the one without attention, whose files hold a prediction and no layer."""
    for name, layers in (("resnet_tiny_se", 4), ("resnet_tiny_none", 0)):
        out = str(tmp_path / name)
        arguments = ["explain", str(photograph_file), "--network", name, "--saliency", "grad_cam"]
        assert main([*arguments, "--out", out]) == 0
        manifest = json.loads((tmp_path / name / "photo" / "explanation.json").read_text())
        assert len(manifest["attention"]) == layers
        assert manifest["predictions"][0]["probability"] > 0.1
    capsys.readouterr()
    assert main(["inspect", "resnet_tiny_none"]) == 0
    assert capsys.readouterr().out.endswith("no attention layers\n")
