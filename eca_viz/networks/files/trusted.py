"""Reads and writes weight files; nothing in them is ever executed."""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor, nn

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.networks.files.tensor_file import read_tensors
from eca_viz.networks.files.unpickle import RefusedError
from eca_viz.storage.scratch import replacing
from eca_viz.storage.shipped_arrays import read_shipped

METADATA = "eca_viz"


def digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_weights(path: Path, sha256: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and metadata of a safetensors file.

    Raises NetworkError where the file is missing, damaged, or not the one whose digest is
    expected.
    """
    data = read_shipped(path, sha256, NetworkError)
    try:
        tensors, metadata = read_tensors(io.BytesIO(data), len(data))
        return tensors, json.loads(metadata.get(METADATA, "{}"))
    except (RefusedError, ValueError) as error:
        raise NetworkError(
            text(
                "{path} is not a safetensors file of weights ({error})",
                path=str(path),
                error=str(error),
            )
        ) from error


def write_weights(module: nn.Module, path: Path, metadata: Mapping[str, Any]) -> None:
    """Writes a network's state as a safetensors file, floating-point tensors as fp16.

    Args:
        module: The network.
        path: The file.
        metadata: Written as one JSON text: the format keeps no order among several entries, and
            the same weights would give another file each time.
    """
    tensors = {
        key: (value.half() if value.is_floating_point() else value).contiguous()
        for key, value in module.state_dict().items()
    }
    with replacing(path) as partial:
        save_file(tensors, partial, metadata={METADATA: json.dumps(metadata, ensure_ascii=False)})
