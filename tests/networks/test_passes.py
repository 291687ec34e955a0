"""Progress is told before each pass and within it, and ends a pass in its middle."""

import pytest
import torch
from torch import Tensor, nn

import eca_viz
from eca_viz import inspection, pipeline
from eca_viz.inspection import gate_effects
from eca_viz.networks import passes
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.progress import silent
from tests.factories import hooks_on, make_network, make_pixels, randomise

PARTS = 12


class Ended(BaseException):
    """As Streamlit ends a run."""


class Step(nn.Module):
    """Notes that it ran, and that its gradient was asked for."""

    def __init__(self, ran: list[str]) -> None:
        super().__init__()
        self.ran = ran

    def forward(self, x: Tensor) -> Tensor:
        self.ran.append("forward")
        y = x * 1.5
        if y.requires_grad:
            y.register_hook(lambda gradient: self.ran.append("backward"))
        return y


class Stop:
    """Ends at its nth call."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.shares: list[float] = []

    def __call__(self, what: str, share: float) -> None:
        self.shares.append(share)
        self.left -= 1
        if not self.left:
            raise Ended


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each module reports, however short the time since the last one did."""
    monkeypatch.setattr(passes, "WITHIN", 0.0)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(("calls", "forward", "backward"), [(5, 3, 0), (PARTS + 5, PARTS, 3)])
def test_a_pass_ends_in_its_middle(calls: int, forward: int, backward: int) -> None:
    ran: list[str] = []
    module = nn.Sequential(*(Step(ran) for _ in range(PARTS)))
    stop = Stop(calls)
    passes.report(module, stop, "A pass", 1)
    with pytest.raises(Ended):
        module(torch.ones(2, requires_grad=True)).sum().backward()
    assert ran.count("forward") == forward
    assert abs(ran.count("backward") - backward) <= 1
    assert set(stop.shares) == {0.0}


def test_a_short_pass_reports_once_and_silence_puts_no_hook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(passes.time, "monotonic", lambda: now)
    shares: list[float] = []
    module = nn.Sequential(*(Step([]) for _ in range(PARTS)))
    passes.report(module, silent, "A pass", 2)
    assert not hooks_on(module)
    passes.report(module, lambda what, share: shares.append(share), "A pass", 2)
    module(torch.ones(2))
    module(torch.ones(2))
    assert shares == [0.0, 0.5]
    now += 1.01 * passes.WITHIN
    module[3](torch.ones(2))
    module[4](torch.ones(2))
    assert shares == [0.0, 0.5, 0.5]


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    "way", ["first look", "attention", "map", "scorecard", "channels", "layers", "feature maps"]
)
def test_each_way_to_a_result_ends_in_the_middle_of_a_pass(way: str) -> None:
    """At the twentieth of its modules, of which a pass has 60."""
    network = eca_viz.load_network("eca_resnet18_imagenette")
    image, means = make_pixels(), eca_viz.reference_gates(network)
    explanation = eca_viz.explain(image, network, ("saliency",))
    layer, stop = explanation.attention[2].layer, Stop(20)
    runs = {
        "first look": lambda: pipeline.first_look(image, network, progress=stop),
        "attention": lambda: eca_viz.explain(image, network, (), progress=stop),
        "map": lambda: pipeline.saliency_map(
            explanation, "input_x_gradient", network=network, progress=stop
        ),
        "scorecard": lambda: pipeline.scorecard(explanation, network=network, progress=stop),
        "channels": lambda: gate_effects.channel_effects(
            network, explanation, layer, 0, reference=means, progress=stop
        ),
        "layers": lambda: gate_effects.layer_effects(
            network, explanation, 0, reference=means, progress=stop
        ),
        "feature maps": lambda: inspection.all_feature_maps(network, explanation, stop),
    }
    with pytest.raises(Ended):
        runs[way]()
    assert set(stop.shares) == {0.0}
    assert hooks_on(network.module) == 0


@pytest.mark.usefixtures("always")
def test_mean_gates_over_samples_can_be_ended() -> None:
    network = make_network(randomise(eca_resnet18(num_classes=2)), sha256="ended")
    stop = Stop(20)
    with pytest.raises(Ended):
        eca_viz.explain(make_pixels(), network, (), gates="all:reference", progress=stop)
    assert len(set(stop.shares)) <= 2
    assert eca_viz.reference_gates(network).images == 8
