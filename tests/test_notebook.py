"""The notebook in assets runs from top to bottom, and what it shows survives its export."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import eca_viz
from eca_viz.analysis.familiarity import headline
from eca_viz.images.samples import SAMPLES

ROOT = Path(__file__).parents[1]


def test_the_notebook_runs_and_its_export_shows_the_numbers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute"]
    done = subprocess.run(
        [*command, "--output-dir", str(tmp_path), str(ROOT / "assets" / "notebook.ipynb")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "notebook.html").read_text(encoding="utf-8")
    explanation = eca_viz.explain(SAMPLES[0].read(), saliency=())
    assert headline(explanation) in page
    for record in explanation.attention:
        assert f">{record.weights.mean():.3f}</td>" in page
    assert len(re.findall(r'alt="Gates of', page)) == len(explanation.attention) + 2
    assert "images=320, mean=0." in page
    assert "Warning" not in page
    assert len(page) < 1_000_000


def test_it_is_committed_without_outputs() -> None:
    cells = json.loads((ROOT / "assets" / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(codes) > 4
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in codes)
