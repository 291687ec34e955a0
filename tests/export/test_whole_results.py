"""Results appear as a whole or not at all, and none replaces another."""

import dataclasses
import errno
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs

from eca_viz.export import files as export
from eca_viz.records import Explanation

FILES = ["attention.csv", "attention.parquet", "explanation.json", "report.html"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", [*FILES, "plotly.min.js"])
def test_a_full_disk_leaves_nothing(
    name: str,
    error: BaseException,
    explained: Explanation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = Path.write_bytes

    def until_full(path: Path, data: bytes) -> int:
        if name in path.name:
            write(path, data[: len(data) // 2])
            raise error
        return write(path, data)

    out = tmp_path / "new" / "out"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", until_full)
        with pytest.raises(type(error)):
            export.write(explained, out, shared=True)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in left] == [] if "plotly" in name else ["plotly.min.js"]
    assert all(path.read_text(encoding="utf-8") == get_plotlyjs() for path in left)
    folder = export.write(explained, out, shared=True)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", until_full)
        if name != "plotly.min.js":  # which is there already
            with pytest.raises(type(error)):
                export.write(explained, out, shared=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(before) == FILES


FULL = """
import resource, sys
from eca_viz.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
sys.exit(main(sys.argv[1:]))
"""


def test_a_command_on_a_full_disk(photograph_file: Path, tmp_path: Path) -> None:
    """Here no file may be larger than 1 MB, and a report is."""
    arguments = ["explain", str(photograph_file), "--network", "resnet_tiny_eca", "--saliency"]
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", FULL, *arguments, "--out", str(out)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read or written: [Errno 27] File too large" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists()


def test_each_result_has_a_folder_of_its_own(explained: Explanation, tmp_path: Path) -> None:
    found = explained.saliency[0]
    others = (
        dataclasses.replace(explained, saliency=()),
        dataclasses.replace(explained, saliency=(dataclasses.replace(found, method="saliency"),)),
        dataclasses.replace(
            explained, saliency=(dataclasses.replace(found, parameters={"n_steps": 20}),)
        ),
        dataclasses.replace(
            explained,
            saliency=(
                dataclasses.replace(found, target=dataclasses.replace(found.target, index=0)),
            ),
        ),
        dataclasses.replace(explained, gates=("all:ones",)),
    )
    for _ in range(2):
        names = [export.write(one, tmp_path, shared=True).name for one in (explained, *others)]
        assert names == ["china", *(f"china-{number}" for number in range(2, 7))]


def test_several_at_once_lose_nothing(explained: Explanation, tmp_path: Path) -> None:
    results = [dataclasses.replace(explained, gates=(f"all:scale={one}",)) for one in range(6)]
    with ThreadPoolExecutor(6) as pool:
        folders = list(pool.map(lambda one: export.write(one, tmp_path, shared=True), results))
    assert len(set(folders)) == 6
    for folder, result in zip(folders, results, strict=True):
        manifest = json.loads((folder / "explanation.json").read_text(encoding="utf-8"))
        assert manifest["gates"] == list(result.gates)
        assert sorted(path.name for path in folder.iterdir()) == FILES
    assert len(list(tmp_path.iterdir())) == 7
