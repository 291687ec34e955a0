"""Arrays in safetensors files, with the files' digests in SHA256SUMS beside them.

`sha256sum -c SHA256SUMS` checks the same.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save_file

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text
from eca_viz.storage.regular_file import open_file
from eca_viz.storage.scratch import replacing

SUMS = "SHA256SUMS"
_RESTORE = text("restore it from the project's repository")


def read_arrays(
    path: Path, error: type[EcaVizError]
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a file that `write_arrays` wrote, and its metadata.

    Args:
        path: The file.
        error: The type of the error.

    Returns:
        The arrays and the metadata by name.

    Raises:
        EcaVizError: As `error`, where the file is missing, or not the one that was written.
    """
    with open_file(path.with_name(SUMS), error, _RESTORE) as file:
        expected = _digests(file.read().decode("utf-8", "replace")).get(path.name, "unknown")
    data = read_shipped(path, expected, error)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return load(data), header["__metadata__"]


def read_shipped(path: Path, sha256: str, error: type[EcaVizError]) -> bytes:
    """The bytes of a file that is shipped.

    Args:
        path: The file.
        sha256: Its digest.
        error: The type of the error.

    Raises:
        EcaVizError: As `error`, where the file is missing or has another digest.
    """
    with open_file(path, error, _RESTORE) as file:
        data = file.read()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise error(
            text(
                "{path} has the sha256 {found}… instead of {wanted}…, so it is not the file that "
                "was shipped; {advice}",
                path=str(path),
                found=found[:12],
                wanted=sha256[:12],
                advice=_RESTORE,
            )
        )
    return data


def write_arrays(arrays: Mapping[str, np.ndarray], path: Path, metadata: Mapping[str, str]) -> None:
    """Writes a safetensors file, and its digest into SHA256SUMS beside it.

    Args:
        arrays: The arrays by name.
        path: The file.
        metadata: Texts by name.
    """
    with replacing(path) as partial:
        save_file(dict(arrays), partial, metadata=dict(metadata))
    sums = path.with_name(SUMS)
    digests = _digests(sums.read_text(encoding="utf-8")) if sums.exists() else {}
    digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = (f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    with replacing(sums) as partial:
        partial.write_text("".join(lines), encoding="utf-8")


def _digests(text: str) -> dict[str, str]:
    """Digests by the name of a file."""
    return {
        name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())
    }
