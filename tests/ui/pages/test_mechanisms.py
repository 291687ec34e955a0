"""The Mechanisms page and the adaptive kernel, without a browser."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.attention.variants import VARIANTS, Sizes, find_variant
from eca_viz.images.samples import SAMPLES
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.ui import state
from tests.ui.factories import KERNELS, MECHANISMS, charts_by_alt, decode, make_app, texts
from tests.ui.factories import without_errors as healthy


def open_page(app: AppTest, page: str = MECHANISMS) -> AppTest:
    return healthy(app.run().switch_page(page).run())


@pytest.fixture(scope="module")
def page() -> AppTest:
    """The page as it opens, for tests that only look."""
    return open_page(make_app())


def find(app: AppTest, start: str) -> list[dict]:
    (found,) = [chart for alt, chart in charts_by_alt(app).items() if alt.startswith(start)]
    return found["data"]


def test_every_mechanism_has_formula_count_matrix_and_the_papers_figure(page: AppTest) -> None:
    formulas = [latex.value for latex in page.latex]
    for variant in VARIANTS:
        assert any(variant.formula in formula for formula in formulas), variant.name
        assert f"**{variant.parameters(256, Sizes()):,}** parameters (" in texts(page)
        assert variant.paper is not None
        assert f"Paper **{variant.paper.top1:.2f}**" in texts(page)
        matrix = decode(find(page, f"The 256 × 256 matrix of {variant.title}: ")[0]["z"])
        assert matrix.shape == (128, 128)


def test_sizes_can_be_chosen(app: AppTest) -> None:
    open_page(app)
    app.select_slider(key=state.CHANNELS).set_value(64)
    app.select_slider(key=state.REDUCTION).set_value(4)
    app.select_slider(key=state.GROUPS).set_value(2)
    healthy(app.select_slider(key=state.KERNEL).set_value("9").run())
    for count in (2 * 64 * 16, 64 * 32, 9 * 64):
        assert f"**{count:,}** parameters" in texts(app)
    band = decode(find(app, "The 64 × 64 matrix of ECA-NS")[0]["z"])
    assert np.isfinite(band).sum() == 9 * 64 - 20
    groups = decode(find(app, "The 64 × 64 matrix of SE-GC1")[0]["z"])
    assert np.isfinite(groups).sum() == 64 * 32


def test_matrices_that_were_learned(app: AppTest) -> None:
    """SE-Var2's is the vector of its shipped weights, on the diagonal."""
    if "se_var2" not in trained_variants():
        pytest.skip("needs the weights of se_var2")
    open_page(app)
    healthy(app.selectbox(key=state.MATRICES).select("layer1").run())
    shown = decode(find(app, "The 32 × 32 matrix of SE-Var2")[0]["z"])
    module = eca_viz.load_network(trained_variants()["se_var2"]).module
    learned = module.get_submodule("layer1.0.attention.mix").weight.numpy()
    np.testing.assert_allclose(np.diag(shown), learned, rtol=1e-5)
    assert "matrices of the trained layer1 with **C = 32**" in texts(app)
    assert "**1,024** parameters ($C^2$)" in texts(app)
    assert "No attention, so there is no W to learn." in texts(app)


def test_the_image_through_every_network(page: AppTest) -> None:
    probabilities = find(page, "Probability of each class")[0]
    assert probabilities["y"] == [find_variant(name).title for name in trained_variants()]
    for row, name in zip(decode(probabilities["z"]), trained_variants().values(), strict=True):
        expected = eca_viz.explain(SAMPLES[0].read(), name, saliency=())
        np.testing.assert_allclose(row, expected.probabilities, rtol=1e-5)


def test_gates_of_a_chosen_stage(app: AppTest) -> None:
    open_page(app)
    healthy(app.selectbox(key=state.STAGE).select("layer2").run())
    (gates,) = find(app, "Gates of every mechanism at layer2")
    names = [name for name in trained_variants() if name != "none"]
    assert gates["y"] == [find_variant(name).title for name in names]
    for row, name in zip(decode(gates["z"]), names, strict=True):
        explanation = eca_viz.explain(SAMPLES[0].read(), trained_variants()[name], saliency=())
        (record,) = [one for one in explanation.attention if one.stage == "layer2"]
        np.testing.assert_allclose(row, record.weights[0], rtol=1e-5)
    alike = decode(find(app, "Correlation of the mechanisms' gates at layer2")[0]["z"])
    assert alike.shape == (len(names), len(names))


def test_jacobians_with_their_rank(page: AppTest) -> None:
    assert "**SE**: rank" in texts(page)
    jacobian = decode(find(page, "Jacobian of SE's gates at layer3")[0]["z"])
    assert jacobian.shape == (128, 128)
    squeezed = find(page, "SE's bottleneck at layer3")[0]
    assert len(decode(squeezed["y"])) == 8


def test_the_runs_are_said_with_their_number(page: AppTest) -> None:
    assert "seed" in texts(page)
    assert "(1000 classes, its Tables 2 and 3)" in texts(page)
    (table, *_) = [frame.value for frame in page.dataframe if "seeds" in frame.value]
    assert (table["seeds"] >= 1).all()


def test_a_damaged_table_is_a_sentence(
    app: AppTest, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    app.run()
    monkeypatch.setattr("eca_viz.paths.ABLATION", path)
    app.switch_page(MECHANISMS).run()
    assert not app.exception
    assert "has the columns a, b" in app.error[0].value


def test_the_network_without_attention_is_told_so(app: AppTest) -> None:
    name = trained_variants()["none"]
    app.run()
    healthy(app.selectbox(key=state.NETWORK).select(name).run())
    assert "has no attention layers" in app.info[0].value
    for page in (KERNELS, "eca_viz/ui/pages/saliency.py", MECHANISMS):
        healthy(app.switch_page(page).run())


def test_the_adaptive_kernel_follows_gamma_and_b(app: AppTest) -> None:
    open_page(app, KERNELS)
    layers = eca_viz.explain(SAMPLES[0].read(), saliency=()).attention
    staircase, marks = find(app, "Kernel size over the number of channels")
    np.testing.assert_array_equal(decode(marks["x"]), [one.channels for one in layers])
    np.testing.assert_array_equal(decode(marks["y"]), [one.kernel_size for one in layers])
    before = decode(staircase["y"])
    app.slider(key=state.GAMMA).set_value(1.0)
    healthy(app.slider(key=state.OFFSET).set_value(3.0).run())
    assert decode(find(app, "Kernel size over")[0]["y"]).max() > before.max()
    given = sum(adaptive_kernel_size(one.channels, 1, 3) for one in layers)
    assert f"would have **{given}** together" in texts(app)
    assert "**36**" in texts(app), "3 + 3 and six times 5, as loaded"
