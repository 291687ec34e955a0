"""Recorder.statistics(): a training run's few numbers are those of all its gates."""

import copy
import threading
from concurrent.futures import ThreadPoolExecutor
from weakref import ref

import numpy as np
import pytest
import torch
from timm.layers import EcaModule
from torch import Tensor, nn

import eca_viz
from eca_viz.attention import functional
from eca_viz.gates import running
from eca_viz.records import GateSummary
from tests.factories import LookAlike, randomise
from tests.layers import CalledECA, CalledSE
from tests.layers_by_output import ConvSRM, OfficialGCT


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 24, 3), EcaModule(24), nn.ReLU(), nn.Conv2d(24, 8, 3), LookAlike()]
    return randomise(nn.Sequential(*layers))


def batches(count: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(2 + i % 3, 3, 12, 12, generator=generator) for i in range(count)]


def expect_summary(found: GateSummary, gates: np.ndarray) -> None:
    """The summary is that of these gates (images, C), computed in float64."""
    assert found.images == len(gates)
    assert found.mean == pytest.approx(gates.mean(), rel=1e-6)
    assert found.sd == pytest.approx(gates.std(), rel=1e-5)
    near = [gates < 1 / 16, np.abs(gates - 0.5) < 1 / 16, gates > 15 / 16]
    shares = (found.near_zero, found.near_half, found.near_one)
    assert shares == pytest.approx([share.mean() for share in near], abs=1e-6)


@pytest.mark.parametrize("waiting", [1, 2, 64])
def test_they_are_those_of_all_gates(
    model: nn.Module, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "WAITING", waiting)
    with eca_viz.capture(model) as recorder:
        for batch in batches(7):
            model(batch)
    summaries = recorder.statistics()
    assert list(summaries) == ["1", "4"]
    for name, summary in summaries.items():
        kept = [one.weights for one in recorder.records if one.layer == name]
        expect_summary(summary, np.concatenate(kept).astype(np.float64))


def test_a_nearly_constant_layer_keeps_its_spread() -> None:
    """In float32 the mean's square would hide a spread of a ten-thousandth."""
    gates = 0.9 + 1e-4 * torch.randn(64, 256, generator=torch.Generator().manual_seed(0))
    summed = running.RunningGates("a")
    for part in gates.split(8):
        summed.add(part)
    assert summed.summary().sd == pytest.approx(float(gates.double().std(correction=0)), rel=1e-3)


def test_without_records_nothing_else_is_kept(model: nn.Module) -> None:
    with eca_viz.capture(model, records=False) as recorder:
        for batch in batches(3):
            model(batch)
        assert recorder.records == ()
        assert recorder.statistics()["1"].images == sum(len(batch) for batch in batches(3))
        recorder.clear()
        assert recorder.statistics() == {}
        model(batches(1)[0])
        assert recorder.statistics()["4"].images == 2


def test_what_is_no_number_is_counted_apart() -> None:
    summed = running.RunningGates("a")
    summed.add(torch.tensor([[0.5, float("nan"), 0.7], [0.3, float("inf"), 0.5]]))
    summed.add(torch.full((1, 3), float("nan")))
    found = summed.summary()
    assert (found.not_finite, found.images) == (5, 3)
    assert found.mean == pytest.approx(0.5)
    assert found.near_half == pytest.approx(0.5)
    assert found.near_zero == found.near_one == 0
    nothing = running.RunningGates("a")
    nothing.add(torch.full((1, 3), float("nan")))
    assert (nothing.summary().mean, nothing.summary().not_finite) == (0, 3)


def test_training_goes_on_as_without(model: nn.Module) -> None:
    """Gradients are equal bit by bit, under autocast too."""
    other = copy.deepcopy(model)
    for precision in (torch.float32, torch.bfloat16):
        for trained in (model, other):
            trained.train().zero_grad()
        with torch.autocast("cpu", precision, enabled=precision is torch.bfloat16):
            other(batches(1)[0]).square().mean().backward()
            with eca_viz.capture(model, records=False) as recorder:
                model(batches(1)[0]).square().mean().backward()
        for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
            assert torch.equal(mine.grad, theirs.grad)
        assert 0 < recorder.statistics()["1"].mean < 1


def test_copies_of_a_model_in_several_threads_are_kept_apart(model: nn.Module) -> None:
    """As under `nn.DataParallel`, whose copies share the hooks: each has a part of the batch."""
    parts = batches(8)
    with eca_viz.capture(model) as recorder:
        copies = [copy.copy(model) for _ in parts]
        ready = threading.Barrier(len(parts))

        def run(replica: nn.Module, part: Tensor) -> None:
            ready.wait()
            with torch.no_grad():
                replica(part)

        threads = [
            threading.Thread(target=run, args=pair) for pair in zip(copies, parts, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert recorder.statistics()["1"].images == sum(len(part) for part in parts)
    assert sorted(one.order for one in recorder.records) == [0] * 8 + [1] * 8
    found = {(one.layer, one.weights.tobytes()) for one in recorder.records}
    with eca_viz.capture(model) as alone:
        for part in parts:
            with torch.no_grad():
                model(part)
    assert found == {(one.layer, one.weights.tobytes()) for one in alone.records}


def replicated(module: nn.Module, factor: float = 1.0) -> nn.Module:
    """A copy as `torch.nn.parallel.replicate` makes it, its parameters times a factor."""
    replica: nn.Module = module._replicate_for_data_parallel()
    for name, child in module.named_children():
        replica._modules[name] = replicated(child, factor)
    for name, parameter in module._parameters.items():
        if parameter is None:
            replica._parameters[name] = None
        else:
            setattr(replica, name, parameter.detach() * factor)
    return replica


@pytest.mark.parametrize("layer", [CalledECA, CalledSE, ConvSRM, OfficialGCT])
def test_copies_of_layers_that_call_their_activations_run_on_their_own_weights(
    layer: type[nn.Module],
) -> None:
    model = randomise(nn.Sequential(layer()))
    if layer is OfficialGCT:
        nn.init.normal_(model[0].gamma)
    parts = [torch.randn(2, 24, 6, 5) for _ in range(3)]
    other = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(3)
        remove = functional.install(model[0])
        for part in parts:
            torch.testing.assert_close(replicated(model, 3)(part), other(part))
        gone = ref(replicated(model)[0])
        assert gone() is None, "no cycle keeps a copy"
        remove()
        assert "_replicate_for_data_parallel" not in vars(model[0])
        with eca_viz.capture(model) as recorder, ThreadPoolExecutor(3) as pool:
            copies = [replicated(model) for _ in parts]
            list(pool.map(lambda pair: pair[0](pair[1]), zip(copies, parts, strict=True)))
        found = {one.weights.tobytes() for one in recorder.records}
        with eca_viz.capture(model) as alone:
            for part in parts:
                model(part)
    assert found == {one.weights.tobytes() for one in alone.records}
    assert len(found) == 3


class InThreads(nn.Module):
    """As `nn.DataParallel`: copies of a network run on parts of the batch, each in a thread."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        parts = x.chunk(2)
        threads = [ThreadPoolExecutor(1) for _ in parts]  # one each, new ones in every pass
        copies = [copy.copy(self.network) for _ in parts]
        jobs = [
            thread.submit(one, part)
            for thread, one, part in zip(threads, copies, parts, strict=True)
        ]
        for thread in threads:
            thread.shutdown()
        return torch.cat([job.result() for job in jobs])


def test_a_model_that_sends_parts_into_threads_has_passes_too(model: nn.Module) -> None:
    """Its layers count from 0 in each, and the recorder shows the parts of the last."""
    whole = InThreads(model)
    with eca_viz.capture(whole) as recorder, torch.no_grad():
        for _ in range(3):
            whole(torch.randn(4, 3, 12, 12))
    assert [len(one.weights) for one in recorder.records] == [2] * 12
    orders = {(one.layer, one.order) for one in recorder.records}
    assert orders == {("network.1", 0), ("network.4", 1)}
    assert recorder._repr_html_().count('alt="Gates of') == 4


def test_a_model_compiled_inside_the_block_gives_the_same(model: nn.Module) -> None:
    import torch._dynamo

    torch._dynamo.reset()
    batch = batches(1)[0]
    with torch.no_grad():
        with eca_viz.capture(model) as plain:
            model(batch)
        with eca_viz.capture(model) as recorder:
            torch.compile(model, backend="eager")(batch)
    assert len(recorder.records) == 2
    for mine, theirs in zip(recorder.records, plain.records, strict=True):
        assert np.array_equal(mine.weights, theirs.weights)
