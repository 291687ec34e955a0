"""Files of an explanation: CSV, Parquet, a manifest in JSON and a report."""

import dataclasses
import json
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from eca_viz.analysis.attention import attention_table
from eca_viz.export.html_report import report
from eca_viz.export.names import file_name
from eca_viz.records import OWN_NETWORK, Explanation
from eca_viz.storage.scratch import replacing

MANIFEST = "explanation.json"
# Plotly's library where several pages share it.
PLOTLY = "plotly.min.js"
# A map's pixels, and what is only for reading.
LEFT_OUT = ("title", "reading", "values")


def csv(explanation: Explanation) -> str:
    """One row per layer and channel, comma-separated with a header."""
    text: str = attention_table(explanation.attention).to_csv(index=False)
    return text


def parquet(explanation: Explanation) -> bytes:
    """The rows of `csv` as a Parquet file."""
    data: bytes = attention_table(explanation.attention).to_parquet(index=False)
    return data


def manifest(explanation: Explanation, link: str = "") -> dict[str, Any]:
    """Everything but the pixels: image, network, predictions, layers, saliency, versions.

    `link` is the address at which the app shows the same view, left out if there is none.
    """
    image, network = explanation.image, explanation.network
    height, width = image.pixels.shape[:2]
    size = {"width": width, "height": height} if image.pixels.size else {}
    return {
        "image": {"name": image.name, **size, "sha256": image.sha256},
        "network": {
            "name": network.name,
            "title": network.title,
            "sha256": network.sha256,
            "classes": len(network.labels),
            "output": network.output,
            "source": network.source,
            "licence": network.licence,
            **network.options,
        },
        "familiarity": explanation.familiarity,
        "score": explanation.score,
        "predictions": [_encoded(record) for record in explanation.predictions],
        "attention": [_encoded(record) for record in explanation.attention],
        "saliency": [_encoded(record) for record in explanation.saliency],
        "unread": list(explanation.unread),
        "gates": list(explanation.gates),
        "scorecard": explanation.scorecard and _encoded(explanation.scorecard),
        "versions": dict(explanation.versions),
        "snippet": snippet(explanation),
        **({"link": link, "link_shows": _shows(explanation)} if link else {}),
    }


def _encoded(record: Any) -> dict[str, Any]:
    """A record's fields but LEFT_OUT for JSON: arrays as lists, of a batch (N, C) the first row.

    Numbers that JSON does not have, as the logit of a gate above 1, become null.
    """

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: _listed(value) for name, value in pairs if name not in LEFT_OUT}

    return dataclasses.asdict(record, dict_factory=fields)


def _listed(value: Any) -> Any:
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if not isinstance(value, np.ndarray):
        return value
    row = value[0] if value.ndim == 2 else value
    if not np.issubdtype(row.dtype, np.floating) or np.isfinite(row).all():
        return row.tolist()
    return [number if np.isfinite(number) else None for number in row.tolist()]


def _shows(explanation: Explanation) -> str:
    """What is shown behind a link to the app."""
    if explanation.image.sample:
        return "the same view, unless an uploaded file is part of it"
    return "the same view with a sample in place of the uploaded image"


def manifest_json(explanation: Explanation, link: str = "") -> str:
    """`manifest` as JSON text."""
    return json.dumps(manifest(explanation, link), indent=2, ensure_ascii=False) + "\n"


def snippet(explanation: Explanation) -> str:
    """Python that gives the same numbers again; it reads an image that is no sample by its name."""
    image, network = explanation.image, explanation.network
    given = "".join(f", {key}={value!r}" for key, value in network.options.items())
    loaded = f"eca_viz.load_network({network.name!r}{given})" if given else repr(network.name)
    if network.source == OWN_NETWORK:
        in_file = ".py:" in network.name
        loaded = f"eca_viz.load_own({network.name!r})" if in_file else "network"
    source = f"find_sample({image.sample!r}).read()" if image.sample else repr(image.name)
    if not explanation.seen.size:
        source = "tensors"
    arguments = [source, f"network={loaded}"]
    arguments.append(f"saliency={tuple(record.method for record in explanation.saliency)!r}")
    if explanation.saliency:
        if explanation.predictions:
            arguments.append(f"target={explanation.saliency[0].target.index}")
        parameters = {record.method: dict(record.parameters) for record in explanation.saliency}
        arguments.append(f"parameters={parameters!r}")
    if explanation.gates:
        arguments.append(f"gates={explanation.gates!r}")
    if explanation.scorecard is not None:
        arguments.append("scores=True")
    lines = "".join(f"    {argument},\n" for argument in arguments)
    imports = "import eca_viz\n"
    if image.sample:
        imports += "from eca_viz.images.samples import find_sample\n"
    if loaded == "network":
        imports += "\n# `network` is what eca_viz.Network.wrap gave.\n"
    if source == "tensors":
        imports += f"\n# `tensors` are those of {image.name}.\n"
    return f"{imports}\nexplanation = eca_viz.explain(\n{lines})\n"


def files(
    explanation: Explanation, link: str = "", *, with_report: bool = True, plotly: str = ""
) -> dict[str, bytes]:
    """The files of an explanation.

    Args:
        explanation: What they hold.
        link: As in `manifest`.
        with_report: Whether the HTML report is among them.
        plotly: The address of Plotly's library relative to the report; inside it without one.

    Returns:
        The files' bytes by name, the manifest last.
    """
    found = {
        "attention.csv": csv(explanation).encode(),
        "attention.parquet": parquet(explanation),
    }
    if with_report:
        found["report.html"] = report(explanation, plotly).encode()
    return found | {MANIFEST: manifest_json(explanation, link).encode()}


def write(explanation: Explanation, out: Path, *, shared: bool = False) -> Path:
    """Writes all four files into a folder of `out` named after the image.

    A folder that holds the result of another image, network, class or other methods or gates is
    left alone: the next free of `name`, `name-2`, `name-3` … is taken. The folder appears once
    all four files are complete; of the same result each file is replaced, the manifest last.

    Args:
        explanation: What the files hold.
        out: The folder of all results.
        shared: Whether the report takes Plotly's library from a file in `out`, which all
            reports there can share, instead of holding its 4.8 MB.

    Returns:
        The folder of the four files.

    Raises:
        OSError: Where a file cannot be written.
    """
    contents = files(explanation, plotly=f"../{PLOTLY}" if shared else "")
    made = _make(out)
    try:
        if shared:
            _write_plotly(out / PLOTLY)
        return _write_folder(explanation, contents, out)
    except BaseException:
        for folder in made:
            with suppress(OSError):  # something else has come into it
                folder.rmdir()
        raise


def _make(out: Path) -> list[Path]:
    """Makes a folder; gives it and its parents that were not there, the innermost first."""
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    return missing


def _write_plotly(path: Path) -> None:
    """Once: a file that is there already, of this version, is left alone."""
    library = get_plotlyjs().encode()
    if not path.exists() or path.read_bytes() != library:
        with replacing(path) as partial:
            partial.write_bytes(library)


def _write_folder(explanation: Explanation, contents: dict[str, bytes], out: Path) -> Path:
    """Tries rather than looks for the next free folder: another process may write there too."""
    stem, wanted = file_name(Path(explanation.image.name).stem), _identity(contents[MANIFEST])
    for number in count(1):
        folder = out / (stem if number == 1 else f"{stem}-{number}")
        if not folder.exists():
            try:
                with replacing(folder) as partial:
                    partial.mkdir()
                    for name, content in contents.items():
                        (partial / name).write_bytes(content)
                return folder
            except OSError:
                if not folder.exists():
                    raise
        if _holds(folder / MANIFEST, wanted):
            _replace_all(contents, folder)
            return folder
    raise AssertionError("there is a number for each folder")


def _replace_all(contents: dict[str, bytes], folder: Path) -> None:
    """Once all are written; the last, which is entered first, is moved last."""
    with ExitStack() as places:
        partials = {
            name: places.enter_context(replacing(folder / name)) for name in reversed(contents)
        }
        for name, content in contents.items():
            partials[name].write_bytes(content)


def _holds(path: Path, wanted: tuple[Any, ...]) -> bool:
    try:
        return _identity(path.read_bytes()) == wanted
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def _identity(text: bytes) -> tuple[Any, ...]:
    """What the result of a manifest is of: the same again gives the same numbers."""
    found = json.loads(text)
    maps = [
        (one["method"], one["parameters"], one["target"].get("index")) for one in found["saliency"]
    ]
    image, network = found["image"]["sha256"], found["network"]["sha256"]
    return image, network, found["gates"], maps, found["scorecard"] is None
