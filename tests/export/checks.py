"""What tests of exports share: reading a bundle, and that files hold an explanation's numbers."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from eca_viz.analysis.attention import ATTENTION_COLUMNS
from eca_viz.export import files as export
from eca_viz.records import Explanation


def check_table(table: pd.DataFrame, explanation: Explanation) -> None:
    assert tuple(table.columns) == ATTENTION_COLUMNS
    for record in explanation.attention:
        rows = table[table["layer"] == record.layer]
        assert rows["channel"].tolist() == list(range(record.channels))
        for column, values in (
            ("descriptor", record.descriptor),
            ("logit", record.logits),
            ("weight", record.weights),
        ):
            # Shipped explanations were computed by another processor, which rounds otherwise.
            np.testing.assert_allclose(rows[column], values[0], rtol=1e-5, atol=1e-5)
        assert set(rows["kernel_size"]) == {record.kernel_size}


def check_snippet(snippet: str, expected: Explanation, folder: Path) -> None:
    """Runs a snippet in `folder` and compares its numbers with the expected ones."""
    script = snippet + (
        "import json\n"
        "print(json.dumps([[r.weights[0].tolist() for r in explanation.attention],"
        " [s.values.tolist() for s in explanation.saliency]]))\n"
    )
    root = Path(export.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    weights, maps = json.loads(done.stdout)
    for found, record in zip(weights, expected.attention, strict=True):
        np.testing.assert_allclose(found, record.weights[0], rtol=1e-5)
    for found, saliency in zip(maps, expected.saliency, strict=True):
        largest = np.abs(saliency.values).max()
        np.testing.assert_allclose(found, saliency.values, rtol=1e-3, atol=1e-4 * largest)


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
