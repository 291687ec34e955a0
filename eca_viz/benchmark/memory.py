"""Memory: weights during explanations, loaded networks, the scorecard."""

import gc
import os
import resource
import tempfile
import threading
from multiprocessing import get_context
from pathlib import Path

from safetensors.torch import save_file
from torch import nn

from eca_viz.benchmark.ratio import Ratio
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.architectures.eca_resnet import eca_resnet50
from eca_viz.networks.loading import load_network
from eca_viz.networks.pool import KEPT_VARIABLE
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.pipeline import explain, inspect

MEMORY_LIMIT = 1.1
NETWORKS_LIMIT = 1.0
SCORECARD_LIMIT = 1.0
SCORECARD_MIB = 1536.0
# As many maps as the page shows, of the methods that need most memory; steps and windows only
# take time.
SCORED: dict[str, dict[str, float | str]] = {
    "integrated_gradients": {"n_steps": 10},
    "smooth_grad": {"n_samples": 4, "method": "deep_lift"},
    "deep_lift": {},
    "occlusion": {"window": 64, "stride": 32},
}


def memory_of_explanations() -> Ratio:
    """Weights in memory during four explanations at once, against one."""
    four, one = (weights_held(count) / 2**20 for count in (4, 1))
    what = "weights held while four explanations run at once, against one"
    return Ratio(what, four, one, "MiB", MEMORY_LIMIT)


def memory_of_networks() -> Ratio:
    """The pool of loaded networks: ten in turn, of which two are kept, against three.

    Each is measured in a process of its own, since freed memory may stay with a process.
    """
    processes = get_context("spawn")
    with processes.Pool(2, maxtasksperchild=1) as pool:
        many, three = pool.starmap(_resident_after, ((10, 2), (3, 3)), chunksize=1)
    what = "memory after ten ECA-ResNet-50 in turn, against three at once"
    return Ratio(what, many / 2**20, three / 2**20, "MiB", NETWORKS_LIMIT)


def _resident_after(networks: int, kept: int) -> int:
    """Bytes by which this process has grown after it opened that many networks from files."""
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


def memory_of_scorecard() -> Ratio:
    """The peak while maps are made and scored, against SCORECARD_MIB."""
    with get_context("spawn").Pool(1) as pool:
        peak = pool.apply(_peak_of_scorecard, ())
    what = f"most memory while {len(SCORED)} maps are scored, ECA-ResNet-50 at 224 px"
    return Ratio(what, peak / 2**20, SCORECARD_MIB, "MiB", SCORECARD_LIMIT)


def _peak_of_scorecard() -> int:
    """The most bytes by which this process grows while it makes maps and scores them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        save_file(eca_resnet50().state_dict(), path)
        network = load_network(path)
    image = SAMPLES[0].read()
    explain(image, network, saliency=())
    before = _resident()
    explain(image, network, tuple(SCORED), parameters=SCORED, scores=True)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before


def _resident() -> int:
    """Bytes of this process in memory, as Linux counts them."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def weights_held(explanations: int) -> int:
    """Bytes of all parameters and buffers alive while that many explanations are under way."""
    gc.collect()
    meeting = threading.Barrier(explanations + 1, timeout=120)
    met: set[int] = set()

    def wait(title: str, fraction: float) -> None:
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
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
