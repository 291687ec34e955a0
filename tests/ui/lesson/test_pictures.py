"""What the lesson's figures show is what the package computes from Python."""

import dataclasses
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest
from scipy.stats import spearmanr

import eca_viz
from eca_viz import inspection
from eca_viz.analysis.ablation import read_rows, summarise
from eca_viz.analysis.attention import widest
from eca_viz.analysis.gate_effects import STRONG
from eca_viz.analysis.statistics import between_classes
from eca_viz.attention.variants import find_variant
from eca_viz.errors import SelectionError
from eca_viz.figures.block import marks
from eca_viz.inspection.lesson import VARYING
from eca_viz.inspection.mixing_matrix import respond
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK, find_network
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.statistics.shipped import shipped_statistics
from eca_viz.ui import cache, engine, long_work
from eca_viz.ui.lesson import ahead, pictures
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.steps import find_step
from eca_viz.ui.state import NetworkChoice
from tests.ui.factories import ROOT, forget, png

SHA256 = find_network(DEFAULT_NETWORK).sha256
CHOICE = NetworkChoice(
    DEFAULT_NETWORK, "ECA", partial(load_network, DEFAULT_NETWORK), SHA256, DEFAULT_NETWORK
)


@pytest.fixture(scope="module")
def material() -> Material:
    """Of an image that nothing is shipped for."""
    return Material(eca_viz.explain(png(7), load_network(DEFAULT_NETWORK), ()), CHOICE)


@pytest.fixture(scope="module")
def network() -> eca_viz.Network:
    return load_network(DEFAULT_NETWORK)


def test_channels(material: Material, network: eca_viz.Network) -> None:
    (figure,) = pictures.channel_maps(material).figures.values()
    record = material.explanation.attention[0]
    before = inspection.feature_maps(network, material.explanation, record.layer).before
    channels = [int(note.text.split()[1]) for note in figure.layout.annotations]
    assert len(channels) == len(set(channels)) == VARYING
    assert channels[0] == before.std((1, 2)).argmax()
    for channel, trace in zip(channels, figure.data, strict=True):
        np.testing.assert_allclose(trace.z, before[channel], rtol=1e-5, atol=1e-6)


def test_the_mean_of_the_map_is_the_marked_descriptor(material: Material) -> None:
    picture = pictures.pooling(material)
    cells, descriptor, dot = picture.figures["pooling"].data
    np.testing.assert_array_equal(descriptor.y, material.explanation.attention[0].descriptor[0])
    assert dot.y[0] == pytest.approx(cells.z.mean(), abs=1e-5)
    assert dot.y[0] == descriptor.y[dot.x[0]]
    assert f"y = {dot.y[0]:.4f}" in picture.said


def test_the_gate_multiplies_the_map(material: Material) -> None:
    before, after, low_before, low_after = pictures.gating(material).figures["gating"].data
    gates = material.explanation.attention[0].weights[0]
    np.testing.assert_allclose(after.z, before.z * gates.max(), rtol=1e-6)
    np.testing.assert_allclose(low_after.z, low_before.z * gates.min(), rtol=1e-6)


def test_the_bottleneck_is_that_of_the_shipped_se_network(material: Material) -> None:
    y, h, gates = pictures.squeeze(material).figures["squeeze"].data
    se = load_network(trained_variants()["se"])
    explained = eca_viz.explain(material.explanation.image, se, ())
    record = explained.attention[1]
    response = respond(se, explained, record.layer)
    np.testing.assert_allclose(y.z[0], record.descriptor[0], rtol=1e-5)
    np.testing.assert_allclose(h.z[0], response.squeezed, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(gates.z[0], record.weights[0], rtol=1e-5)


@pytest.mark.parametrize("name", ["variants", "groups", "band", "shared"])
def test_matrices_are_those_of_the_trained_layers(name: str, material: Material) -> None:
    step = find_step(name)
    assert step is not None
    picture = step.picture(material)
    assert len(picture.titles) == len(picture.figures)
    for key, figure in picture.figures.items():
        mechanism = key.removeprefix("matrix-")
        one = load_network(trained_variants()[mechanism])
        explained = eca_viz.explain(material.explanation.image, one, ())
        expected = respond(one, explained, explained.attention[0].layer).matrix
        np.testing.assert_allclose(np.nan_to_num(figure.data[0].z), expected, rtol=1e-5)
        assert f"{find_variant(mechanism).paper.top1:.2f}" in picture.said


def test_accuracies_are_the_papers_and_ours(material: Material) -> None:
    step = find_step("bottleneck")
    assert step is not None
    (figure,) = step.picture(material).figures.values()
    paper, ours = figure.data
    assert list(paper.x) == [75.20, 76.71, 76.00, 77.07]
    measured = {one.mechanism: one for one in summarise(read_rows(ASSETS / ABLATION))}
    names = ("none", "se", "se_var1", "se_var2")
    assert list(ours.x) == [100 * measured[name].top1 for name in names]
    assert list(ours.error_x.array) == [100 * (measured[name].spread or 0) for name in names]


def test_the_slider_marks_its_channels() -> None:
    explanation = eca_viz.explain(png(7), load_network(DEFAULT_NETWORK), ())
    picture = pictures.adaptive(Material(explanation, CHOICE, chosen=2048))
    assert "**k = 7** for C = 2048" in picture.said
    notes = [note.text for note in picture.figures["adaptive_kernel"].layout.annotations]
    assert "C = 2048: k = 7" in notes


def test_the_drawing_follows_the_largest_gate(material: Material, network: eca_viz.Network) -> None:
    drawing = pictures.followed(material).drawing
    assert drawing is not None
    layer = widest(material.explanation.attention)
    channel = int(layer.weights[0].argmax())
    (steps,) = inspection.channel_steps(network, material.explanation, layer.layer, [channel])
    assert f"Channel {channel} of {layer.layer}" in drawing.svg
    for number in (steps.logit, steps.weight, *steps.terms.products):
        assert marks.exact(float(number)) in drawing.svg


def test_all_ones_and_effects_are_measured(material: Material, network: eca_viz.Network) -> None:
    ones = eca_viz.explain(material.explanation.image, network, (), gates="all:ones")
    was, now = material.explanation.predictions[0], ones.predictions[0]
    expected = 2 if was.index != now.index else int(abs(was.probability - now.probability) > 0.05)
    assert pictures.fate(material) == expected
    after, _ = pictures.ungated(material).figures["changed_predictions"].data
    assert max(after.x) == pytest.approx(now.probability, rel=1e-5)

    layer = material.explanation.attention[-1].layer
    effects = eca_viz.channel_effects(
        network,
        material.explanation,
        layer,
        was.index,
        reference=eca_viz.reference_gates(network),
    )
    (figure,) = pictures.importance(material).figures.values()
    np.testing.assert_allclose(figure.data[0].y, effects.change, rtol=1e-3, atol=1e-4)


def test_classes_are_those_of_the_shipped_statistics(material: Material) -> None:
    statistics = shipped_statistics(DEFAULT_NETWORK, SHA256)
    assert statistics is not None
    (figure,) = pictures.classes(material).figures.values()
    assert list(figure.data[0].y) == [between_classes(one)[1] for one in statistics.layers]


def answer(material: Material, name: str) -> int | None:
    """The right answer of a step's question, None where it is not asked."""
    step = find_step(name)
    assert step is not None
    assert step.question is not None
    return step.question.right_answer(material) if step.question.applies(material) else None


def test_whether_large_gates_matter_is_measured(material: Material) -> None:
    effects = material.effects
    assert effects is not None
    rank = spearmanr(effects.weights, np.abs(effects.change)).statistic
    assert answer(material, "importance") == (0 if rank >= STRONG else 1)
    assert f"ρ = {rank:+.2f}" in pictures.importance(material).said


def test_gates_that_are_all_unknown_get_a_sentence(material: Material) -> None:
    unknown = dataclasses.replace(
        material.first, weights=np.full_like(material.first.weights, np.nan)
    )
    explanation = dataclasses.replace(material.explanation, attention=(unknown,))
    with pytest.raises(SelectionError, match="this step"):
        pictures.gating(Material(explanation, CHOICE))
    with pytest.raises(SelectionError, match="no gate of"):
        pictures.followed(Material(explanation, CHOICE))


def test_the_next_step_is_computed_ahead(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = material.explanation.attention[-1].layer
    target = material.explanation.predictions[0].index
    work = long_work.channel_effects(material.explanation, CHOICE, layer, target)
    forget(cache._computed)
    monkeypatch.setattr(engine, "loaded", lambda: True)
    another = Material(material.explanation, CHOICE)
    ahead.prepare(find_step("importance"), another)
    deadline = time.monotonic() + 60
    while not cache.known(work) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert cache.known(work)
    ahead.prepare(None, another)


def test_the_first_four_steps_need_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('eca_viz/ui/app/router.py', default_timeout=60)\n"
        "app.run(); app.switch_page('../pages/lesson.py')\n"
        "for step in ('channel', 'pooling', 'gate', 'se'):\n"
        "    app.query_params['step'] = step\n"
        "    app.run()\n"
        "    assert not app.exception, app.exception\n"
        "    assert not app.error, app.error\n"
        "    assert len(app.get('plotly_chart')) == 1, step\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
