"""Speed and memory as ratios to a baseline that is measured in the same run."""

import gc
import os
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from eca_viz.attention.discovery import find_attention
from eca_viz.attention.variants import VARIANTS, Sizes, Variant, find_variant
from eca_viz.benchmark.captum_baselines import DIRECT
from eca_viz.gates.forward import attend
from eca_viz.gates.reference import reference_gates
from eca_viz.images.samples import SAMPLES
from eca_viz.inspection.gate_effects import BATCH, channel_effects
from eca_viz.networks.architectures.eca_resnet import eca_resnet18, eca_resnet50
from eca_viz.networks.clone import clone
from eca_viz.networks.loading import load_network
from eca_viz.networks.pool import KEPT_VARIABLE
from eca_viz.networks.private import private_copy
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.networks.state import prepare
from eca_viz.pipeline import explain, inspect
from eca_viz.records import Prediction
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.method import Method
from eca_viz.saliency.registry import METHODS

RUNS = 11
ATTENTION_LIMIT = 1.25
SALIENCY_LIMIT = 1.05
MEMORY_LIMIT = 1.1
# The last layer profits from starting there; before the first hardly anything can be saved.
EFFECTS_LIMITS = {"layer4.1.eca": 1.0, "layer1.0.eca": 1.15}
SCORECARD_LIMIT = 1.0
SCORECARD_MIB = 1536.0
# Fewer samples where time only grows with them.
FEWER: dict[str, dict[str, float | str]] = {"kernel_shap": {"n_samples": 50}}
# As many as the page shows, those that need most memory; steps and windows only take time.
SCORED: dict[str, dict[str, float | str]] = {
    "integrated_gradients": {"n_steps": 10},
    "smooth_grad": {"n_samples": 4, "method": "deep_lift"},
    "deep_lift": {},
    "occlusion": {"window": 64, "stride": 32},
}
LAYER_CHANNELS = (64, 128, 256, 512, 1024, 2048)
LAYER_SIDE = 14
LAYER_REPEATS = 20


@dataclass(frozen=True)
class Ratio:
    """What was measured, what it is compared with, and the most that the ratio should be.

    There is no `limit` where the ratio is a finding and not a promise.
    """

    what: str
    measured: float
    baseline: float
    unit: str
    limit: float | None

    @property
    def digits(self) -> int:
        """Decimals that show three figures of a short time."""
        return 1 if self.baseline >= 10 else 3

    @property
    def ratio(self) -> float:
        """Measured over baseline."""
        return self.measured / self.baseline

    def __str__(self) -> str:
        if self.limit is None:
            verdict = ""
        else:
            verdict = f" ({'within' if self.ratio <= self.limit else 'OVER'} {self.limit})"
        return (
            f"{self.ratio:6.3f}{verdict}  {self.what}: "
            f"{self.measured:.{self.digits}f} {self.unit} against "
            f"{self.baseline:.{self.digits}f} {self.unit}"
        )


def measure() -> Iterator[Ratio]:
    """All measurements, one after the other; times are medians of RUNS runs in alternation."""
    for title, build in (("ECA-ResNet-18", eca_resnet18), ("ECA-ResNet-50", eca_resnet50)):
        yield _attention(title, prepare(build()))
    for method in METHODS:
        yield _saliency(method)
    for layer, limit in EFFECTS_LIMITS.items():
        yield _effects(layer, limit)
    yield _memory()
    yield _memory_of_networks()
    yield _memory_of_scorecard()
    for channels in LAYER_CHANNELS:
        yield from _layers(channels)


def _attention(title: str, module: nn.Module) -> Ratio:
    inputs = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))

    def bare() -> None:
        with torch.inference_mode():
            module(inputs)

    layers = find_attention(module)
    ours, baseline = _medians(lambda: attend(private_copy(module, layers), inputs), bare)
    what = f"attention of one photograph, {title} at 224 px, against the bare forward pass"
    return Ratio(what, ours, baseline, "ms", ATTENTION_LIMIT)


def _saliency(method: Method) -> Ratio:
    """Against Captum called on the shared network itself with the same settings."""
    network = load_network(DEFAULT_NETWORK)
    layer = network.spec.gradcam_layer
    _, inputs = network.spec.preprocess.see(SAMPLES[0].read())
    target = Prediction(0, network.record.labels[0], 0.0)
    parameters = method.complete(FEWER.get(method.name, {}))
    last_stage = network.module.get_submodule(layer)
    call = DIRECT[method.name]
    ours, baseline = _medians(
        lambda: attribute(method, clone(network.module), layer, inputs, target, parameters),
        lambda: call(network.module, last_stage, inputs.clone(), target.index, parameters),
    )
    what = f"{method.title}, bundled network, against Captum called directly"
    return Ratio(what, ours, baseline, "ms", SALIENCY_LIMIT)


def _effects(layer: str, limit: float) -> Ratio:
    """Against as many photographs through the whole bare network, in batches of the same size."""
    network = load_network(DEFAULT_NETWORK)
    explanation = explain(SAMPLES[0].read(), network, ())
    reference = reference_gates(network)
    target = explanation.predictions[0].index
    channels = explanation.layer(layer).channels
    photographs = torch.randn(channels, 3, *explanation.seen.shape[:2])

    def bare() -> None:
        with torch.inference_mode():
            for first in range(0, channels, BATCH):
                network.module(photographs[first : first + BATCH])

    ours, baseline = _medians(
        lambda: channel_effects(network, explanation, layer, target, reference=reference),
        bare,
        runs=3,
    )
    what = f"does each of {channels} gates of {layer} matter, against the bare passes in batches"
    return Ratio(what, ours, baseline, "ms", limit)


def _layers(channels: int) -> Iterator[Ratio]:
    """Every attention layer against SE on one feature map, as the paper counts their cost."""
    torch.manual_seed(0)
    x = torch.randn(1, channels, LAYER_SIDE, LAYER_SIDE)

    def forward(variant: Variant) -> Callable[[], object]:
        layer = prepare(variant.build(channels, Sizes()))

        def run() -> None:
            with torch.inference_mode():
                for _ in range(LAYER_REPEATS):
                    layer(x)

        return run

    se = forward(find_variant("se"))
    for variant in VARIANTS:
        if variant.name not in {"none", "se"}:
            ours, baseline = _medians(forward(variant), se)
            what = f"{variant.title} on {channels} × {LAYER_SIDE} × {LAYER_SIDE}, against SE"
            yield Ratio(what, ours / LAYER_REPEATS, baseline / LAYER_REPEATS, "ms", None)


def _memory() -> Ratio:
    four, one = (_weights_held(count) / 2**20 for count in (4, 1))
    what = "weights held while four explanations run at once, against one"
    return Ratio(what, four, one, "MiB", MEMORY_LIMIT)


def _memory_of_networks() -> Ratio:
    """In processes of their own: what one of them has let go of may stay with the other."""
    processes = get_context("spawn")
    with processes.Pool(2, maxtasksperchild=1) as pool:
        many, three = pool.starmap(_resident_after, ((10, 2), (3, 3)), chunksize=1)
    what = "memory after ten ECA-ResNet-50 in turn, against three at once"
    return Ratio(what, many / 2**20, three / 2**20, "MiB", 1.0)


def _resident_after(networks: int, kept: int) -> int:
    """Bytes by which this process has grown after opening so many networks out of files."""
    os.environ[KEPT_VARIABLE] = str(kept)
    inspect(load_network(DEFAULT_NETWORK))
    before = _resident()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(networks):
            path = Path(folder) / f"{number}.safetensors"
            save_file(eca_resnet50(num_classes=number + 2).state_dict(), path)
            inspect(load_network(path))
            path.unlink()
    return _resident() - before


def _memory_of_scorecard() -> Ratio:
    with get_context("spawn").Pool(1) as pool:
        peak = pool.apply(_peak_of_scorecard, ())
    what = f"most memory while {len(SCORED)} maps are scored, ECA-ResNet-50 at 224 px"
    return Ratio(what, peak / 2**20, SCORECARD_MIB, "MiB", SCORECARD_LIMIT)


def _peak_of_scorecard() -> int:
    """Bytes by which this process grows at most while it makes maps and scores them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        save_file(eca_resnet50().state_dict(), path)
        network = load_network(path)
    photograph = SAMPLES[0].read()
    explain(photograph, network, saliency=())
    before = _resident()
    explain(photograph, network, tuple(SCORED), parameters=SCORED, scores=True)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before


def _resident() -> int:
    """Bytes of this process in memory, as Linux counts them."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _weights_held(explanations: int) -> int:
    """Bytes of all parameters and buffers alive while that many explanations are under way."""
    gc.collect()
    meeting = threading.Barrier(explanations + 1, timeout=120)

    def wait(title: str, fraction: float) -> None:
        if fraction == 0:
            meeting.wait()
            meeting.wait()

    threads = [
        threading.Thread(
            target=explain, args=(SAMPLES[0].read(),), kwargs={"progress": wait}, daemon=True
        )
        for _ in range(explanations)
    ]
    for thread in threads:
        thread.start()
    meeting.wait()
    modules = [thing for thing in gc.get_objects() if issubclass(type(thing), nn.Module)]
    storages = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
        for module in modules
        for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False))
    }
    del modules
    meeting.wait()
    for thread in threads:
        thread.join()
    return sum(storages.values())


def _medians(
    ours: Callable[[], object], baseline: Callable[[], object], runs: int = RUNS
) -> tuple[float, float]:
    """Median milliseconds of both after a warm-up, taken in turn so that drift meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 2):
        for run, taken in zip((ours, baseline), times, strict=True):
            start = time.perf_counter()
            run()
            if number >= 2:
                taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])
