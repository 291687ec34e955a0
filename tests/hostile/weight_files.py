"""Weight files that are damaged, misleading or made to do harm."""

import os
import pickle
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torchvision.models import resnet18

from eca_viz import load_network
from eca_viz.networks.architectures.eca_mobilenet import eca_mobilenet_v2
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.files import reader_process
from tests.factories import (
    Save,
    save_bare,
    save_old_training_checkpoint,
    save_safetensors,
    save_training_checkpoint,
)
from tests.hostile.damage import damaged
from tests.hostile.headers import HEADERS, Make
from tests.hostile.measured import Case

HARM = "eca_viz_was_here"
MOST = 600
DAMAGED = 200
SAVES = (save_bare, save_training_checkpoint, save_old_training_checkpoint, save_safetensors)
# Where half of the damage is: the first bytes, the pickle or header, the archive's directory.
PARTS = (slice(64), slice(50_000), slice(-50_000, None))


class Calls:
    """Pickled, it is a call that unpickling would make."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.arguments


def _code(path: Path, **options: Any) -> None:
    command = f"touch {path.with_name(HARM)}"
    torch.save({"state_dict": Calls(os.system, command)}, path, **options)


def code(path: Path) -> None:
    _code(path)


def old_code(path: Path) -> None:
    _code(path, _use_new_zipfile_serialization=False)


def whole_model(path: Path) -> None:
    torch.save(eca_resnet18(num_classes=2), path)


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("bomb/data.pkl", pickle.dumps({}))
        with archive.open("bomb/data/0", "w", force_zip64=True) as entry:
            for _ in range(1024):
                entry.write(bytes(2**20))


def huge_bytearray(path: Path) -> None:
    torch.save({"state_dict": Calls(bytearray, 20 * 2**30)}, path)


def nested_tuples(path: Path) -> None:
    """Sixty pairs of pairs as a key: its hash takes 2^60 steps."""
    pairs = b"".join(b"h%ch%c\x86q%c" % (n, n, n + 1) for n in range(60))
    body = b"\x80\x02K\x01\x85q\x00" + pairs + b"}h%cK\x01s." % 60
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", body)
        archive.writestr("a/version", "3\n")
        archive.writestr("a/byteorder", "little")


def expanded(path: Path) -> None:
    torch.save({"layer1.0.conv1.weight": torch.zeros(1).expand(10**6, 10**6)}, path)


def meta(path: Path) -> None:
    torch.save({"layer1.0.conv1.weight": torch.empty(10**6, 10**6, device="meta")}, path)


def truncated(path: Path) -> None:
    save_bare(eca_resnet18(num_classes=2), path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def truncated_safetensors(path: Path) -> None:
    save_safetensors(eca_resnet18(num_classes=2), path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def no_attention(path: Path) -> None:
    save_bare(resnet18(num_classes=2), path)


def missing(path: Path) -> None:
    model = eca_resnet18(num_classes=2)
    state = model.state_dict()
    del state["layer1.0.conv1.weight"], state["layer3.1.eca.conv.weight"]
    torch.save(state, path)


def unexpected(path: Path) -> None:
    torch.save({**eca_resnet18(num_classes=2).state_dict(), "total_ops": torch.zeros(1)}, path)


def wrong_shape(path: Path) -> None:
    state = eca_resnet18(num_classes=2).state_dict()
    torch.save(state | {"layer2.0.conv1.weight": torch.zeros(7, 7)}, path)


def even_kernel(path: Path) -> None:
    state = eca_resnet18(num_classes=2).state_dict()
    torch.save(state | {"layer2.0.eca.conv.weight": torch.zeros(1, 1, 4)}, path)


def many_blocks(path: Path) -> None:
    state = eca_resnet18(num_classes=2).state_dict()
    more = {f"layer1.{n}.conv1.weight": torch.zeros(1) for n in range(2, 5000)}
    torch.save(state | more, path)


def absurd_head(path: Path) -> None:
    torch.save(
        eca_resnet18(num_classes=2).state_dict() | {"fc.weight": torch.zeros(2**40, 0)}, path
    )


def not_finite(path: Path) -> None:
    state = eca_resnet18(num_classes=2).state_dict()
    state["fc.bias"][0] = torch.nan
    torch.save(state, path)


def integers(path: Path) -> None:
    state = eca_resnet18(num_classes=2).state_dict()
    torch.save(state | {"conv1.weight": torch.zeros(64, 3, 7, 7, dtype=torch.int8)}, path)


def complex_numbers(path: Path) -> None:
    torch.save({"conv1.weight": torch.zeros(2, dtype=torch.complex64)}, path)


def a_list(path: Path) -> None:
    torch.save([torch.zeros(2)], path)


def no_tensors(path: Path) -> None:
    torch.save({"epoch": 3, "note": "weights are elsewhere"}, path)


def endless_kernel(path: Path) -> None:
    state = eca_resnet18(num_classes=2).state_dict()
    torch.save(state | {"layer4.1.eca.conv.weight": torch.zeros(1, 1, 10_001)}, path)


def escape_in_pickle(path: Path) -> None:
    torch.save({"a\x1b]0;owned\x07\nb": torch.zeros(2, dtype=torch.complex64)}, path)


def named_metadata(path: Path) -> None:
    torch.save({"__metadata__": torch.zeros(1)}, path)


def long_name(path: Path) -> None:
    torch.save({"a" * 10**6: torch.zeros(1)}, path)


def text(path: Path) -> None:
    path.write_text("not weights at all")


def empty(path: Path) -> None:
    path.write_bytes(b"")


# Each with a part of the sentence that it must get.
FILES: tuple[tuple[Make, str], ...] = (
    (code, r"holds more than tensors \(posix.system\), none of which was run"),
    (old_code, r"holds more than tensors \(posix.system\), none of which was run"),
    (
        whole_model,
        r"holds more than tensors \(eca_viz.networks.architectures.eca_resnet.ECAResNet\)",
    ),
    (zip_bomb, "unpacks to more than its size"),
    (huge_bytearray, "asks for more memory than its size explains"),
    (nested_tuples, "takes more than [0-9]+ seconds of work to read"),
    (expanded, r"a tensor larger than the file \(layer1.0.conv1.weight \(1000000, 1000000\)\)"),
    (meta, "a tensor of a kind that no network here has"),
    (truncated, "is damaged or incomplete"),
    (truncated_safetensors, "is damaged or not what its header says"),
    *HEADERS,
    (no_attention, r"122 tensors \(conv1.weight \(64, 3, 7, 7\); .*not those of a network with"),
    (missing, "layer1.0.conv1.weight is missing; layer3.1.eca.conv.weight is missing"),
    (unexpected, "total_ops is unexpected"),
    (wrong_shape, r"layer2.0.conv1.weight is \(7, 7\) instead of \(128, 64, 3, 3\)"),
    (even_kernel, r"the kernel of layer2.0 has the shape \(1, 1, 4\)"),
    (many_blocks, r"tensors \(conv1.weight \(64, 3, 7, 7\)"),
    (absurd_head, r"fc.weight is \(1099511627776, 0\) instead of"),
    (not_finite, r"numbers that are not finite \(in fc.bias\)"),
    (integers, "conv1.weight holds torch.int8 instead of torch.float32"),
    (complex_numbers, "a tensor of a kind that no network here has"),
    (a_list, "holds no tensors by name but: list"),
    (no_tensors, "holds no tensors by name but: epoch, note"),
    (endless_kernel, "the kernel of layer4.1 has 10,001 taps and at most 999 are accepted"),
    (escape_in_pickle, r"\(a\\x1b\]0;owned\\x07 b \(2,\) torch.complex64\)"),
    (named_metadata, "a tensor of a kind that no network here has"),
    (long_name, "a tensor of a kind that no network here has"),
    (text, "is not a weight file that can be read"),
    (empty, "is empty"),
)


def damaged_files(count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of damaged copies of a checkpoint of 5 MB, in each format in turn."""
    random = np.random.default_rng(seed)
    originals = {save.__name__.removeprefix("save_"): _saved(save) for save in SAVES}
    for number in range(count):
        name = list(originals)[number % len(originals)]
        part = PARTS[random.integers(len(PARTS))]
        yield f"damaged {name} {number}", damaged(originals[name], random, part)


def _saved(save: Save) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.pth"
        save(eca_mobilenet_v2(num_classes=2).half(), path)
        return path.read_bytes()


def cases(full: bool) -> Iterator[Case]:
    """An ordinary checkpoint, the files made by hand, and damaged copies, where `full` 2,000."""
    with tempfile.TemporaryDirectory() as folder:
        for make, words in ((ordinary, "^$"), *FILES):
            path = Path(folder) / f"{make.__name__}.pth"
            make(path)
            yield Case(make.__name__, partial(_open, path), words)
            path.unlink()
        yield from damaged_cases(Path(folder), 10 * DAMAGED if full else DAMAGED)
    reader_process._end()


def damaged_cases(folder: Path, count: int) -> Iterator[Case]:
    """Damaged copies, each in a file of the folder while it is opened."""
    for name, data in damaged_files(count):
        path = folder / f"{name}.pth"
        path.write_bytes(data)
        yield Case(name, partial(_open, path))
        path.unlink()


def _open(path: Path) -> str:
    try:
        load_network(path)
    finally:
        assert not path.with_name(HARM).exists(), "the file's code ran"
    return ""


def ordinary(path: Path) -> None:
    save_training_checkpoint(eca_resnet18(), path)
