"""Opens weight files that anyone may have sent; every way in which one can be bad ends here."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from eca_viz.errors import NetworkError
from eca_viz.networks.files import unpickle
from eca_viz.networks.files.trusted import METADATA, digest
from eca_viz.texts import Text, text

# Reading half a gigabyte takes some three.
SECONDS = 15
MAX_BYTES = 2 * 2**30
MAX_HEADER_BYTES = 8 * 2**20
DTYPES = frozenset({"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"})
# SIGXCPU and SIGKILL: how a process ends that has used up its time.
TIME_SIGNALS = (24, 9)

SUFFIXES = (".pth", ".tar", ".pt", ".bin", ".safetensors")
ACCEPTED = text(
    "a state_dict or a training checkpoint (.pth, .pth.tar, .pt) or .safetensors is accepted"
)


@dataclass(frozen=True, eq=False)
class Weights:
    """A weight file: its tensors by name, and what our own training wrote beside them."""

    name: str
    sha256: str
    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, Any]


def open_weights(path: Path, name: str | None = None) -> Weights:
    """Tensors and metadata of a file; content decides the format, not the name.

    Nothing of the file is executed. Raises NetworkError with one sentence for a file that
    is missing, too large, damaged, not tensors only, or not what its header says.
    """
    name = name or path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise NetworkError(
            text(
                "{path} cannot be read ({error}); give the path of a weight file",
                path=str(path),
                error=error.strerror,
            )
        ) from error
    if size == 0:
        raise NetworkError(text("{file} is empty; {accepted}", file=name, accepted=ACCEPTED))
    if size > MAX_BYTES:
        raise NetworkError(
            text(
                "{file} has {size:.1f} GB and at most {most} GB are accepted; save the network's "
                "state_dict alone",
                file=name,
                size=size / 2**30,
                most=MAX_BYTES // 2**30,
            )
        )
    if head[8:9] == b"{":
        tensors, metadata = _read_safetensors(path, name, int.from_bytes(head[:8], "little"))
    elif head[:4] == b"PK\x03\x04" or head[:1] == b"\x80":
        tensors, metadata = _read_pickle(path, name), {}
    else:
        raise NetworkError(
            text(
                "{file} is not a weight file that can be read; {accepted}",
                file=name,
                accepted=ACCEPTED,
            )
        )
    if not tensors:
        raise NetworkError(_sentence(name, "content", "nothing"))
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor.sum(dtype=torch.float64)):
            raise NetworkError(
                text(
                    "{file} holds numbers that are not finite (in {key}); give a checkpoint from "
                    "before the training failed",
                    file=name,
                    key=key,
                )
            )
    return Weights(name, digest(path), tensors, metadata)


def _read_safetensors(path: Path, name: str, header: int) -> tuple[dict[str, Tensor], Any]:
    if header > MAX_HEADER_BYTES:
        raise NetworkError(
            text(
                "{file} announces a header of {header:,} bytes and at most {most:,} are accepted; "
                "it is damaged or not a safetensors file",
                file=name,
                header=header,
                most=MAX_HEADER_BYTES,
            )
        )
    try:
        _check_header(path, name, header)
        with safe_open(path, framework="pt") as file:
            metadata = json.loads((file.metadata() or {}).get(METADATA, "{}"))
        tensors = load_file(path)
    except (SafetensorError, ValueError, RecursionError) as error:
        raise NetworkError(
            text(
                "{file} is damaged or not what its header says ({error}); {accepted}",
                file=name,
                error=str(error)[:200],
                accepted=ACCEPTED,
            )
        ) from error
    return unpickle.strip_prefixes(tensors), metadata if isinstance(metadata, dict) else {}


def _check_header(path: Path, name: str, length: int) -> None:
    """Refuses what would take long to read or that no network here has."""
    with path.open("rb") as file:
        file.seek(8)
        entries = json.loads(file.read(length))
    if not isinstance(entries, dict):
        raise ValueError("its header is no JSON object")
    entries.pop("__metadata__", None)
    if len(entries) > unpickle.MOST_TENSORS:
        raise NetworkError(_sentence(name, "many", f"{len(entries):,}"))
    for key, entry in entries.items():
        shape = entry.get("shape") if isinstance(entry, dict) else None
        if not isinstance(shape, list) or entry.get("dtype") not in DTYPES:
            raise NetworkError(_sentence(name, "tensor", key[:80]))
        if len(shape) > unpickle.MOST_DIMENSIONS or len(key) > unpickle.LONGEST_KEY:
            raise NetworkError(_sentence(name, "tensor", f"{key[:80]}, {len(shape)} dimensions"))


def _read_pickle(path: Path, name: str) -> dict[str, Tensor]:
    """In a process of its own: see unpickle.py."""
    with tempfile.TemporaryDirectory(prefix="eca_viz-") as folder:
        target = Path(folder) / "tensors.safetensors"
        command = [
            sys.executable,
            "-I",
            unpickle.__file__,
            str(path.resolve()),
            str(target),
            str(SECONDS),
        ]
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                timeout=4 * SECONDS,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            )
        except subprocess.TimeoutExpired as error:
            raise NetworkError(_sentence(name, "time", "")) from error
        if done.returncode == 0:
            return load_file(target)
    try:
        problem = json.loads(done.stdout)
        raise NetworkError(_sentence(name, problem["kind"], problem["detail"]))
    except (ValueError, KeyError):
        # Ended from outside, as by the limit on its time, before it could say why.
        raise NetworkError(
            _sentence(name, "time" if -done.returncode in TIME_SIGNALS else "damaged", "")
        ) from None


def _sentence(name: str, kind: str, detail: str) -> Text:
    sentences = {
        "code": text(
            "{file} holds more than tensors ({detail}), none of which was run; save the network's "
            "state_dict alone: torch.save(model.state_dict(), …)",
            file=name,
            detail=detail,
        ),
        "bomb": text(
            "{file} is an archive that unpacks to more than its size, which torch.save never "
            "writes; it was not unpacked",
            file=name,
        ),
        "memory": text(
            "{file} asks for more memory than its size explains; it was not loaded", file=name
        ),
        "time": text(
            "{file} takes more than {most} seconds of work to read; it was not loaded",
            file=name,
            most=SECONDS,
        ),
        "content": text(
            "{file} holds no tensors by name but: {detail}; {accepted}",
            file=name,
            detail=detail,
            accepted=ACCEPTED,
        ),
        "tensor": text(
            "{file} holds a tensor of a kind that no network here has ({detail}); save its weights "
            "as plain tensors",
            file=name,
            detail=detail,
        ),
        "shape": text(
            "{file} holds a tensor larger than the file ({detail}); it is damaged or made to "
            "mislead",
            file=name,
            detail=detail,
        ),
        "many": text(
            "{file} holds {detail} tensors and at most {most:,} are accepted",
            file=name,
            detail=detail,
            most=unpickle.MOST_TENSORS,
        ),
        "damaged": text(
            "{file} is damaged or incomplete; {accepted}", file=name, accepted=ACCEPTED
        ),
    }
    return sentences[kind]
