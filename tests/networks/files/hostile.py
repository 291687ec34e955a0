"""Weight files that are damaged, misleading or made to do harm.

    python -m tests.networks.files.hostile

prints for each its sentence, how long it took and how much memory at most, as a ratio to a
harmless file of 45 MB.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import torch
from torchvision.models import resnet18

from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from tests.factories import save_bare, save_safetensors, save_training_checkpoint
from tests.networks.files.hostile_headers import HEADERS, Make

HARM = "eca_viz_was_here"


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

_OPEN = """
import json, resource, sys, time
import torch, eca_viz
from eca_viz.networks import load_network
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
try:
    load_network(sys.argv[1])
    sentence = ""
except eca_viz.EcaVizError as error:
    sentence = str(error)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([sentence, seconds, peak + child]))
"""


def _open(path: Path) -> tuple[str, float, float]:
    """Sentence, seconds, and MB that opening takes in this process and the one that reads."""
    command = [sys.executable, "-c", _OPEN, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    sentence, seconds, kilobytes = json.loads(done.stdout.splitlines()[-1])
    return sentence, seconds, kilobytes / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        good = Path(folder) / "good.pth.tar"
        save_training_checkpoint(eca_resnet18(), good)
        _, seconds, memory = _open(good)
        print(f"harmless checkpoint of 45 MB: {seconds:.1f} s, {memory:.0f} MB")
        for make, _ in FILES:
            path = Path(folder) / f"{make.__name__}.pth"
            make(path)
            sentence, taken, most = _open(path)
            print(
                f"{make.__name__}: time {taken / seconds:.2f}, memory {most / memory:.2f} "
                f"({taken:.1f} s, {most:.0f} MB)\n    {sentence}"
            )
            assert not path.with_name(HARM).exists(), "the file's code ran"
            path.unlink()


if __name__ == "__main__":
    main()
