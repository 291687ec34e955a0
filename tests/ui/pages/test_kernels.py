"""The Kernels page, without a browser."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.analysis.ablation import read_rows
from eca_viz.images.samples import SAMPLES
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import LayerAttention
from eca_viz.ui import cache, state
from tests.ui.factories import KERNELS, charts_by_alt, decode, open_tab, texts
from tests.ui.factories import without_errors as healthy


def open_page(app: AppTest, tab: str = "Taps") -> AppTest:
    app.query_params[state.KERNELS_TAB] = tab
    return healthy(app.run().switch_page(KERNELS).run())


def find(app: AppTest, start: str) -> list[dict]:
    (found,) = [chart for alt, chart in charts_by_alt(app).items() if alt.startswith(start)]
    return found["data"]


def layers() -> tuple[LayerAttention, ...]:
    return eca_viz.explain(SAMPLES[0].read(), saliency=()).attention


def test_k_stands_beside_eq_12_before_all_tabs(app: AppTest) -> None:
    open_page(app)
    loaded, rule = find(app, "Kernel size of each layer")
    np.testing.assert_array_equal(decode(loaded["y"]), [3, 3, 5, 5, 5, 5, 5, 5])
    np.testing.assert_array_equal(
        decode(rule["y"]), [adaptive_kernel_size(one.channels) for one in layers()]
    )
    assert "the formula gives 5 for C = 512: as the formula says" in texts(app)


def test_only_the_open_tab_is_computed(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "costs", lambda network: pytest.fail("not asked for"))
    open_page(app)
    assert len(charts_by_alt(app)) == 3
    assert not app.dataframe
    open_tab(app, state.KERNELS_TAB, "Adaptive rule")
    swept = any(row.mechanism.startswith("eca_k") for row in read_rows(ASSETS / ABLATION))
    assert len(charts_by_alt(app)) == 2 + swept


def test_the_costs_are_counted_in_their_tab(app: AppTest) -> None:
    open_page(app, "Costs")
    assert app.dataframe[0].value["what"].tolist()[:2] == ["as loaded", "without attention"]


def test_the_table_shows_all_taps(app: AppTest) -> None:
    open_page(app, "Table")
    sizes, taps = (frame.value for frame in app.dataframe)
    assert sizes["kernel_size"].tolist() == [3, 3, 5, 5, 5, 5, 5, 5]
    assert taps.columns.tolist() == ["layer", "-2", "-1", "0", "+1", "+2"]
    for row, record in zip(taps.drop(columns="layer").to_numpy(), layers(), strict=True):
        np.testing.assert_allclose(row[np.isfinite(row)], record.taps, atol=1e-6)
    assert np.isnan(taps["-2"][0])


def test_a_network_without_kernels_has_no_taps(app: AppTest) -> None:
    app.run()
    healthy(app.selectbox(key=state.NETWORK).set_value("resnet_tiny_se").run())
    open_page(app)
    assert "no kernel across channels" in texts(app)
    assert "Taps" not in [tab.label for tab in app.tabs]
    open_tab(app, state.KERNELS_TAB, "Table")
    (sizes,) = (frame.value for frame in app.dataframe)
    assert "reduction" in sizes
    assert "kernel_size" not in sizes


def test_many_kinds_of_layers_leave_room_for_the_tabs(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.run()
    monkeypatch.setattr(
        "eca_viz.analysis.kernels.agreements",
        lambda attention: [(f"layer {place}", "words") for place in range(8)],
    )
    open_page(app)
    assert "2 more such lines stand in the tab Table" in texts(app)
    assert "**layer 7**" not in texts(app)
    open_tab(app, state.KERNELS_TAB, "Table")
    assert "**layer 7**" in texts(app)


def test_the_adaptive_kernel_follows_gamma_and_b(app: AppTest) -> None:
    open_page(app, "Adaptive rule")
    attention = layers()
    staircase, marks = find(app, "Kernel size over the number of channels")
    np.testing.assert_array_equal(decode(marks["x"]), [one.channels for one in attention])
    np.testing.assert_array_equal(decode(marks["y"]), [one.kernel_size for one in attention])
    before = decode(staircase["y"])
    app.slider(key=state.GAMMA).set_value(1.0)
    healthy(app.slider(key=state.OFFSET).set_value(3.0).run())
    assert decode(find(app, "Kernel size over")[0]["y"]).max() > before.max()
    given = sum(adaptive_kernel_size(one.channels, 1, 3) for one in attention)
    assert f"would have **{given}** together" in texts(app)
    assert "**36**" in texts(app), "3 + 3 and six times 5, as loaded"
