"""Opens weight files that anyone may have sent; every way in which one can be bad ends here."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from torch import Tensor

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import Text, text
from eca_viz.networks.files import reader_process, unpickle
from eca_viz.networks.files.tensor_file import MAX_HEADER_BYTES, read_tensors
from eca_viz.networks.files.trusted import METADATA
from eca_viz.networks.files.unpickle import RefusedError
from eca_viz.storage.regular_file import open_file
from eca_viz.storage.scratch import scratch_folder

# Reading half a gigabyte takes some three.
SECONDS = 15
# How many times as long it may take on the clock.
WAITS = 4
MAX_BYTES = 2 * 2**30
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
    with open_file(path, NetworkError, text("give the path of a weight file")) as file:
        state = os.fstat(file.fileno())
        size = state.st_size
        head = file.read(9)
        file.seek(0)
        if size == 0:
            raise NetworkError(text("{file} is empty; {accepted}", file=name, accepted=ACCEPTED))
        if size > MAX_BYTES:
            raise NetworkError(
                text(
                    "{file} has {size:.1f} GB and at most {most} GB are accepted; save the "
                    "network's state_dict alone",
                    file=name,
                    size=size / 2**30,
                    most=MAX_BYTES // 2**30,
                )
            )
        try:
            weights = _read(path, name, file, state, head)
        except RefusedError as refused:
            raise NetworkError(_sentence(name, refused)) from refused
    for key, tensor in weights.tensors.items():
        if not _finite(tensor):
            raise NetworkError(
                text(
                    "{file} holds numbers that are not finite (in {key}); give a checkpoint from "
                    "before the training failed",
                    file=name,
                    key=key,
                )
            )
    return weights


def _read(
    path: Path, name: str, file: BufferedReader, state: os.stat_result, head: bytes
) -> Weights:
    if head[8:] == b"{":
        digest = hashlib.sha256()
        tensors, texts = read_tensors(file, state.st_size, digest.update)
        sha256 = digest.hexdigest()
        metadata = _metadata(texts)
        tensors = unpickle.strip_prefixes(tensors)
    elif head[:4] == b"PK\x03\x04" or head[:1] == b"\x80":
        tensors, metadata = _read_pickle(path), {}
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if _version(state) != _version(path.stat()):
            raise NetworkError(text("{file} changed while it was read; give it again", file=name))
    else:
        raise NetworkError(
            text(
                "{file} is not a weight file that can be read; {accepted}",
                file=name,
                accepted=ACCEPTED,
            )
        )
    if not tensors:
        # Translators: what a weight file holds in place of tensors.
        raise RefusedError("content", text("nothing"))
    return Weights(name, sha256, tensors, metadata)


def _version(state: os.stat_result) -> tuple[int, int, int]:
    """Changes when a file is written or another one takes its place."""
    return state.st_ino, state.st_size, state.st_mtime_ns


def _metadata(texts: Mapping[str, str]) -> Mapping[str, Any]:
    """What our own training wrote; empty for a file of others."""
    try:
        found = json.loads(texts.get(METADATA, "{}"))
    except (ValueError, RecursionError) as error:
        raise RefusedError(
            "layout", text("its metadata {name} are no JSON", name=METADATA)
        ) from error
    return found if isinstance(found, dict) else {}


def _finite(tensor: Tensor) -> bool:
    """Whether all numbers are finite, without a copy of them."""
    if not (tensor.is_floating_point() and tensor.numel()):
        return True
    low, high = tensor.aminmax()
    return bool(low.isfinite() & high.isfinite())


def _read_pickle(path: Path) -> dict[str, Tensor]:
    """In a process of its own: see unpickle.py. Raises RefusedError."""
    with scratch_folder() as folder:
        target = folder / "tensors.safetensors"
        try:
            code, said = reader_process.read(path.resolve(), target, SECONDS, WAITS * SECONDS)
        except TimeoutError as error:
            raise RefusedError("time") from error
        if code == 0:
            with target.open("rb") as file:
                return read_tensors(file, target.stat().st_size)[0]
    try:
        problem = json.loads(said)
        kind, detail = str(problem["kind"]), str(problem["detail"])
    except (ValueError, LookupError, TypeError):
        # Ended from outside, as by the limit on its time, before it could say why.
        kind, detail = "time" if -code in TIME_SIGNALS else "damaged", ""
    raise RefusedError(kind, detail)


def _sentence(name: str, refused: RefusedError) -> Text:
    detail = refused.detail
    sentences = {
        "header": text(
            "{file} announces a header of {header} bytes and at most {most:,} are accepted; it is "
            "damaged or not a safetensors file",
            file=name,
            header=detail,
            most=MAX_HEADER_BYTES,
        ),
        "layout": text(
            "{file} is damaged or not what its header says ({error}); {accepted}",
            file=name,
            error=detail,
            accepted=ACCEPTED,
        ),
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
    return sentences.get(refused.kind, sentences["damaged"])
