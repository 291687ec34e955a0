"""Two threads that capture one model are told; whoever may capture at once goes on."""

import copy
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from timm.layers import EcaModule
from torch import nn

import eca_viz
from eca_viz.errors import NetworkError

WORDS = "Sequential is being captured in another thread.* capture one after the other, or give"


@pytest.fixture
def model() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), EcaModule(8))


def gates(model: nn.Module, seed: int) -> bytes:
    images = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(images)
    return recorder.records[0].weights.tobytes()


def elsewhere(model: nn.Module) -> bytes:
    """What another thread captures now."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(gates, model, 0).result()


def test_another_thread_is_told_and_may_later(model: nn.Module) -> None:
    alone = gates(model, 0)
    with eca_viz.capture(model) as recorder, torch.no_grad():
        with pytest.raises(NetworkError, match=WORDS):
            elsewhere(model)
        with pytest.raises(NetworkError, match=WORDS):
            elsewhere(nn.Sequential(nn.Conv2d(3, 8, 3), model[1]))  # shares the layer
        model(torch.zeros(1, 3, 8, 8))
    assert len(recorder.records) == 1
    assert elsewhere(model) == alone


def test_after_an_exception_another_thread_may(model: nn.Module) -> None:
    with pytest.raises(ZeroDivisionError), eca_viz.capture(model):
        raise ZeroDivisionError
    elsewhere(model)


def test_one_thread_may_twice(model: nn.Module) -> None:
    with eca_viz.capture(model):
        with eca_viz.capture(model) as inner, torch.no_grad():
            model(torch.zeros(1, 3, 8, 8))
        with pytest.raises(NetworkError, match=WORDS):
            elsewhere(model)
    assert len(inner.records) == 1


def test_copies_may_at_once(model: nn.Module) -> None:
    expected = [gates(model, seed) for seed in range(4)]
    copies, ready = [copy.deepcopy(model) for _ in range(4)], threading.Barrier(4)

    def run(one: nn.Module, seed: int) -> bytes:
        ready.wait()
        return gates(one, seed)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, copies, range(4))) == expected
