"""Takes the tensors out of a PyTorch checkpoint; run as a program of its own.

    python -I unpickle.py [CHECKPOINT OUT.safetensors SECONDS]

Reading a pickle is the one moment at which a file that someone sent could do harm, so it
happens in a process that has nothing else in it, whose memory and time are limited, and in
which torch.load builds tensors and plain containers only. What is wrong is printed as one
line of JSON: {"kind": …, "detail": …}, and the exit code is 1.

Without arguments it reads one checkpoint after the other, each in a copy of itself: see `serve`.
"""

import json
import os
import re
import select
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

SPARE_BYTES = 2**30
# Seconds without a checkpoint after which `serve` ends.
IDLE = 60
MOST_TENSORS = 20_000
MOST_DIMENSIONS = 8
LONGEST_KEY = 200
# Where training scripts put a network's tensors beside the optimiser's and other things.
WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "state_dict_ema")
PREFIXES = ("module.", "_orig_mod.", "model.")


class RefusedError(Exception):
    """A checkpoint that is not what it should be: what kind of thing is wrong, and which."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


def limit(size: int, seconds: int) -> None:
    """Lets this process take three times the file's size and some seconds of work, not more."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the caller's time limit still holds
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    statm = Path("/proc/self/statm")
    if statm.exists():
        held = int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        most = held + 3 * size + SPARE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def check_archive(path: Path, size: int) -> None:
    """torch.save compresses nothing: an archive that unpacks to more than it is, is a trap."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    if packed or sum(entry.file_size for entry in entries) > size:
        raise RefusedError("bomb")


def load(path: Path) -> Any:
    """What the checkpoint holds: tensors and plain containers, or RefusedError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        archive = file.read(4) == b"PK\x03\x04"
    try:
        if archive:
            check_archive(path, size)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=archive or None)
    except MemoryError as error:
        raise RefusedError("memory") from error
    except RefusedError:
        raise
    except Exception as error:  # a damaged pickle may raise anything
        text = str(error)
        found = re.search(r"(?:GLOBAL|class|function|Trying to instantiate) ([\w.]+)", text)
        if "global" in text.lower() and found:
            raise RefusedError("code", found[1]) from error
        if "TorchScript" in text:
            raise RefusedError("code", "TorchScript") from error
        if "memory" in text:
            raise RefusedError("memory") from error
        raise RefusedError("damaged") from error


def find_tensors(data: Any) -> dict[str, Tensor]:
    """The network's tensors by name, without the wrappers' prefixes."""
    if not isinstance(data, Mapping):
        raise RefusedError("content", type(data).__name__)
    candidates = [data[key] for key in WRAPPERS if isinstance(data.get(key), Mapping)]
    for candidate in [*candidates, data]:
        tensors = {
            key: value
            for key, value in candidate.items()
            if isinstance(key, str) and isinstance(value, Tensor)
        }
        if tensors:
            return strip_prefixes(tensors)
    raise RefusedError("content", ", ".join(map(str, list(data)[:5])) or "nothing")


def strip_prefixes(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names without what DataParallel, torch.compile and trainers put before every one."""
    found = True
    while found and tensors:
        found = False
        for prefix in PREFIXES:
            if all(key.startswith(prefix) for key in tensors):
                tensors = {key.removeprefix(prefix): tensors[key] for key in tensors}
                found = True
    return tensors


def check_tensors(tensors: Mapping[str, Tensor], size: int) -> None:
    """A tensor may claim any shape: each must be plain, and all must fit into the file."""
    total = 0
    if len(tensors) > MOST_TENSORS:
        raise RefusedError("many", f"{len(tensors):,}")
    for key, tensor in tensors.items():
        if key == "__metadata__" or len(key) > LONGEST_KEY or tensor.ndim > MOST_DIMENSIONS:
            raise RefusedError("tensor", f"{key[:80]}, {tensor.ndim} dimensions")
        plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
        if not plain or tensor.is_quantized or tensor.is_complex():
            raise RefusedError("tensor", f"{key} {tuple(tensor.shape)} {tensor.dtype}")
        nbytes = tensor.numel() * tensor.element_size()
        total += nbytes
        if nbytes > tensor.untyped_storage().nbytes() or total > size:
            raise RefusedError("shape", f"{key} {tuple(tensor.shape)}")


def main(source: Path, target: Path, seconds: int) -> int:
    """Takes the tensors out of a checkpoint.

    Args:
        source: The checkpoint.
        target: The safetensors file to write.
        seconds: The most processor time.

    Returns:
        The exit code: 0 where `target` holds the tensors, 1 where `source` is refused.
    """
    size = source.stat().st_size
    limit(size, seconds)
    try:
        tensors = find_tensors(load(source))
        check_tensors(tensors, size)
        save_file({key: tensor.contiguous().clone() for key, tensor in tensors.items()}, target)
    except MemoryError:
        sys.stdout.write(json.dumps({"kind": "memory", "detail": ""}))
        return 1
    except RefusedError as refused:
        sys.stdout.write(json.dumps({"kind": refused.kind, "detail": refused.detail[:200]}))
        return 1
    return 0


def serve() -> None:
    """Answers each line [CHECKPOINT, OUT, SECONDS] of JSON with a line [exit code, output].

    Each is read in a copy of this process, which never sees what a checkpoint does to it.
    """
    while select.select([sys.stdin], [], [], IDLE)[0] and (line := sys.stdin.readline()):
        source, target, seconds = json.loads(line)
        reading, writing = os.pipe()
        copy = os.fork()
        if copy == 0:
            os.close(sys.stdin.fileno())
            os.dup2(writing, sys.stdout.fileno())
            code = 1
            try:
                code = main(Path(source), Path(target), int(seconds))
                sys.stdout.flush()
            finally:
                os._exit(code)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            output = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
        sys.stdout.write(json.dumps([code, output]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
    serve()
