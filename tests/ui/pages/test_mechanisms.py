"""The Mechanisms page, without a browser."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.attention.variants import VARIANTS, Sizes, Variant, find_variant
from eca_viz.images.samples import SAMPLES
from eca_viz.inspection import mixing_matrix
from eca_viz.inspection.mixing_matrix import untrained_matrix
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.ui import cache, state
from eca_viz.ui.sections.mechanism_story import STEPS, count, in_order, used
from tests.ui.factories import (
    KERNELS,
    MECHANISMS,
    SALIENCY,
    charts_by_alt,
    decode,
    make_app,
    open_tab,
    texts,
)
from tests.ui.factories import without_errors as healthy

THROUGH_ALL = "Same image through all"
EFFECTS = "What one channel changes"


def open_page(app: AppTest, page: str = MECHANISMS, **address: str) -> AppTest:
    for key, value in address.items():
        app.query_params[key] = value
    return healthy(app.run().switch_page(page).run())


@pytest.fixture(scope="module")
def page() -> AppTest:
    """The page as it opens, for tests that only look."""
    return open_page(make_app())


def find(app: AppTest, start: str) -> list[dict]:
    (found,) = [chart for alt, chart in charts_by_alt(app).items() if alt.startswith(start)]
    return found["data"]


def test_every_mechanism_has_formula_count_matrix_and_the_papers_figure(page: AppTest) -> None:
    said = texts(page)
    sizes = Sizes(reduction=4, groups=4)
    for variant in VARIANTS:
        assert f"**{variant.title}**  ${variant.formula}$" in said
        assert f"**{variant.parameters(16, sizes):,}** parameters" in said
        assert variant.paper is not None
        assert f"Paper **{variant.paper.top1:.2f}**, ours **8" in said
        matrix = decode(find(page, f"The 16 × 16 matrix of {variant.title}: ")[0]["z"])
        assert matrix.shape == (16, 16)
    assert "**W** of an untrained layer, **C = 16**" in said


def test_the_cards_follow_the_road_and_say_what_each_step_taught(page: AppTest) -> None:
    assert {variant.name for variant in VARIANTS} == set(STEPS)
    heads = [one.value for one in page.markdown if "$\\omega" in one.value]
    titles = [head.split("**")[1] for head in heads]
    assert titles[:2] == ["No attention", "SE"]
    assert titles[-3:] == ["ECA-NS", "ECA, fixed k", "ECA"]
    said = [one.value for one in page.caption]
    for sentence in STEPS.values():
        assert sentence in said
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "channels", "sizes", "words"),
    [
        ("se", 16, Sizes(reduction=4), "$2\\,C^2/r$, $r = 4$"),
        ("se", 8, Sizes(reduction=16), "$2\\,C$, as $C < r$"),
        ("se_gc1", 16, Sizes(groups=4), "$C^2/G$, $G = 4$"),
        ("se_gc1", 8, Sizes(groups=16), "$C^2/8$, as $C < G$"),
        ("se_gc2", 8, Sizes(), "$C^2/1$, as $C < 16$"),
        ("se_gc2", 64, Sizes(), "$16\\,C$, $G = 4$"),
        ("se_gc3", 8, Sizes(), "$8\\,C$, $G = 1$"),
        ("eca_ns", 8, Sizes(kernel_size=5), "$k\\,C$, $k = 5$"),
        ("eca_k3", 8, Sizes(), "$k = 3$"),
        ("eca", 256, Sizes(), "$k(C) = 5$"),
        ("se_var1", 8, Sizes(), "nothing to learn"),
    ],
)
def test_the_formula_is_that_of_the_count(
    name: str, channels: int, sizes: Sizes, words: str
) -> None:
    assert count(find_variant(name), channels, sizes) == words


def test_each_card_says_the_sizes_that_it_counts_with(app: AppTest) -> None:
    """Eight channels are too few for r = 16 and for 16 groups."""
    open_page(app, **{state.CHANNELS: "8", state.REDUCTION: "16", state.GROUPS: "16"})
    said = texts(app)
    assert "**16** parameters  \n$2\\,C$, as $C < r$" in said
    assert "**8** parameters  \n$C^2/8$, as $C < G$" in said


def test_sizes_can_be_chosen(app: AppTest) -> None:
    open_page(app)
    app.select_slider(key=state.CHANNELS).set_value(64)
    app.select_slider(key=state.REDUCTION).set_value(4)
    app.select_slider(key=state.GROUPS).set_value(2)
    healthy(app.select_slider(key=state.KERNEL).set_value("9").run())
    for number in (2 * 64 * 16, 64 * 32, 9 * 64):
        assert f"**{number:,}** parameters" in texts(app)
    band = decode(find(app, "The 64 × 64 matrix of ECA-NS")[0]["z"])
    assert np.isfinite(band).sum() == 9 * 64 - 20
    groups = decode(find(app, "The 64 × 64 matrix of SE-GC1")[0]["z"])
    assert np.isfinite(groups).sum() == 64 * 32


def test_a_matrix_is_computed_once_for_what_it_depends_on(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(app)
    computed: list[str] = []
    whole = mixing_matrix.untrained_matrix

    def noted(variant, channels, sizes):
        computed.append(variant.name)
        return whole(variant, channels, sizes)

    monkeypatch.setattr(mixing_matrix, "untrained_matrix", noted)
    healthy(app.run())
    assert not computed
    healthy(app.select_slider(key=state.REDUCTION).set_value(8).run())
    assert computed == ["se"]
    healthy(app.select_slider(key=state.KERNEL).set_value("7").run())
    assert computed == ["se", "eca_ns", "eca_k3"]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_the_sizes_that_are_left_out_do_not_matter(variant: Variant) -> None:
    for sizes in (Sizes(4, 2, 7), Sizes(8, 4, 1), Sizes(2, 8)):
        np.testing.assert_array_equal(
            untrained_matrix(variant, 32, sizes),
            untrained_matrix(variant, 32, used(variant, sizes)),
        )


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
    assert "**W** of the trained layer1, **C = 32**" in texts(app)
    assert "**1,024** parameters  \n$C^2$" in texts(app)
    assert "no W to learn" in texts(app)
    assert app.select_slider(key=state.CHANNELS).disabled


def test_only_the_open_tab_is_computed(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page opens without a network; the image runs through all of them for its own tab."""
    monkeypatch.setattr(cache, "variants", lambda image: pytest.fail("not asked for"))
    open_page(app)
    assert len(charts_by_alt(app)) == len(VARIANTS) + 1
    assert find(app, "Top-1 of every run")


def test_networks_that_cannot_be_loaded_leave_the_cards(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(image: object) -> None:
        raise eca_viz.NetworkError("the weights are gone; restore them")

    monkeypatch.setattr(cache, "variants", fail)
    app.query_params[state.MECHANISMS_TAB] = EFFECTS
    app.query_params[state.MATRICES] = "the trained layer1"
    app.run().switch_page(MECHANISMS).run()
    assert not app.exception
    assert {error.value for error in app.error} == {"the weights are gone; restore them"}
    assert "**ECA, fixed k**" in texts(app)


def test_the_image_through_every_network(app: AppTest) -> None:
    open_page(app, **{state.MECHANISMS_TAB: THROUGH_ALL})
    probabilities = find(app, "Probability of each class")[0]
    networks = in_order(trained_variants())
    assert probabilities["y"] == [find_variant(name).title for name in networks]
    for row, name in zip(decode(probabilities["z"]), networks.values(), strict=True):
        expected = eca_viz.explain(SAMPLES[0].read(), name, saliency=())
        np.testing.assert_allclose(row, expected.probabilities, rtol=1e-5)


def test_gates_of_a_chosen_stage(app: AppTest) -> None:
    open_page(app, **{state.MECHANISMS_TAB: THROUGH_ALL})
    healthy(app.selectbox(key=state.STAGE).select("layer2").run())
    (gates,) = find(app, "Gates of every mechanism at layer2")
    names = [name for name in in_order(trained_variants()) if name != "none"]
    assert gates["y"] == [find_variant(name).title for name in names]
    for row, name in zip(decode(gates["z"]), names, strict=True):
        explanation = eca_viz.explain(SAMPLES[0].read(), trained_variants()[name], saliency=())
        (record,) = [one for one in explanation.attention if one.stage == "layer2"]
        np.testing.assert_allclose(row, record.weights[0], rtol=1e-5)
    open_tab(app, state.MECHANISMS_TAB, "How alike")
    assert app.selectbox(key=state.STAGE).value == "layer2"
    alike = decode(find(app, "Correlation of the mechanisms' gates at layer2")[0]["z"])
    assert alike.shape == (len(names), len(names))


def test_jacobians_with_their_rank(app: AppTest) -> None:
    open_page(app, **{state.MECHANISMS_TAB: EFFECTS})
    assert "**SE**: rank" in texts(app)
    jacobian = decode(find(app, "Jacobian of SE's gates at layer3")[0]["z"])
    assert jacobian.shape == (128, 128)
    squeezed = find(app, "SE's bottleneck at layer3")[0]
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
    for page in (KERNELS, SALIENCY, MECHANISMS):
        healthy(app.switch_page(page).run())
