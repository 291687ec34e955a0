"""How many networks stay in memory, and who leaves."""

import gc
import threading
import time
import weakref
from pathlib import Path

import pytest
from torch import nn

import eca_viz
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.pool import KEPT, KEPT_VARIABLE, NetworkPool, networks_kept
from eca_viz.networks.spec import Network
from tests.factories import make_network, save_safetensors


def make(name: str) -> Network:
    return make_network(nn.Linear(1, 1), sha256=name)


def test_the_least_recently_used_leaves_and_is_named() -> None:
    pool, left = NetworkPool(), []

    def get(name: str, pin: bool = False) -> Network:
        return pool.get(
            name, lambda: make(name), pin=pin, on_evict=lambda n: left.append(n.record.sha256)
        )

    get("bundled", pin=True)
    first = get("a")
    get("b")
    assert get("a") is first
    get("c")
    assert left == ["b"]
    get("d")
    assert left == ["b", "a"]
    assert get("bundled") is get("bundled")
    assert left == ["b", "a"]


def test_the_number_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert networks_kept() == KEPT == 2
    monkeypatch.setenv(KEPT_VARIABLE, "5")
    assert networks_kept() == 5
    for wrong in ("0", "-1", "many", ""):
        monkeypatch.setenv(KEPT_VARIABLE, wrong)
        with pytest.raises(eca_viz.NetworkError, match=f"got ECA_VIZ_NETWORKS_KEPT = '{wrong}'"):
            networks_kept()


def test_several_threads_load_once_and_others_do_not_wait() -> None:
    pool = NetworkPool()
    started, go = threading.Event(), threading.Event()
    calls: list[str] = []

    def slow() -> Network:
        calls.append("slow")
        started.set()
        assert go.wait(30)
        return make("slow")

    def get() -> None:
        pool.get("slow", slow, pin=False, on_evict=lambda n: None)

    threads = [threading.Thread(target=get) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert started.wait(30)
    pool.get("quick", lambda: make("quick"), pin=False, on_evict=lambda n: None)
    go.set()
    for thread in threads:
        thread.join()
    assert calls == ["slow"]


def test_a_failure_is_not_kept() -> None:
    pool = NetworkPool()

    def fail() -> Network:
        raise eca_viz.NetworkError("no")

    for _ in range(2):
        with pytest.raises(eca_viz.NetworkError):
            pool.get("a", fail, pin=False, on_evict=lambda n: None)
    assert pool.get("a", lambda: make("a"), pin=False, on_evict=lambda n: None).record.sha256 == "a"


def test_of_ten_networks_two_stay(tmp_path: Path) -> None:
    alive, left = [], []
    for number in range(10):
        path = tmp_path / f"{number}.safetensors"
        save_safetensors(eca_resnet18(num_classes=2), path)
        network = eca_viz.load_network(path, on_evict=lambda n: left.append(n.record.title))
        alive.append(weakref.ref(network.module))
        eca_viz.explain(Path(__file__).parents[2] / "assets" / "icon.png", network, saliency=())
        del network
    gc.collect()
    assert sum(module() is not None for module in alive) == 2
    assert len(left) >= 8


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_safetensors(eca_resnet18(num_classes=2), path)
    first = eca_viz.load_network(path)
    assert eca_viz.load_network(path) is first
    time.sleep(0.02)
    save_safetensors(eca_resnet18(num_classes=3), path)
    assert len(eca_viz.load_network(path).record.labels) == 3
