"""The page Images, without a browser."""

import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.analysis.images import images_table
from eca_viz.gates.reference import reference_gates
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.ui import state
from tests.ui.factories import IMAGES, healthy, png, texts

COUNT = 20


@pytest.fixture
def opened(app: AppTest) -> AppTest:
    healthy(app.run().switch_page(IMAGES).run())
    files = [(f"{seed:02}.png", png(seed), "image/png") for seed in range(COUNT)]
    return healthy(app.file_uploader(key=state.UPLOADS).set_value(files).run())


def test_every_image_of_the_visit_has_the_numbers_that_python_gives(opened: AppTest) -> None:
    shown = opened.dataframe[0].value
    assert shown["image"].tolist()[:3] == ["19.png", "18.png", "17.png"]
    assert len(shown) == COUNT + len(SAMPLES)
    network = load_network(DEFAULT_NETWORK)
    found = [eca_viz.explain(png(seed), network, ()) for seed in reversed(range(COUNT))]
    expected = images_table(found, reference_gates(network))
    for column in expected.columns.drop("image"):
        mine, theirs = shown[column][:COUNT], expected[column]
        if expected[column].dtype.kind == "f":
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)
        else:
            assert mine.tolist() == theirs.tolist()
    assert "mean_gate.layer4.1.eca" in expected


def test_classes_filter_the_table(opened: AppTest) -> None:
    church = opened.dataframe[0].value["prediction"].tolist().count("church")
    assert church
    healthy(opened.multiselect(key=state.FILTERED_CLASSES).set_value(["church"]).run())
    assert opened.dataframe[0].value["prediction"].tolist() == ["church"] * church
    healthy(opened.file_uploader(key=state.UPLOADS).set_value([]).run())
    assert set(opened.dataframe[0].value["prediction"]) == {"church"}


def test_rows_that_the_filter_takes_away_are_not_selected(opened: AppTest) -> None:
    rows = {"selection": {"rows": [27, 0], "columns": [], "cells": []}}
    opened.session_state["images_table"] = rows
    healthy(opened.multiselect(key=state.FILTERED_CLASSES).set_value(["church"]).run())
    assert [one.label for one in opened.button if one.label.startswith("Compare")] == ["Compare"]


def test_names_are_escaped_once(app: AppTest) -> None:
    healthy(app.run().switch_page(IMAGES).run())
    files = [("my_01.png", png(0), "image/png"), ("my_02.png", png(1), "image/png")]
    healthy(app.file_uploader(key=state.UPLOADS).set_value(files).run())
    app.session_state["images_table"] = {"selection": {"rows": [1, 0], "columns": [], "cells": []}}
    healthy(app.run())
    labels = [one.label for one in app.button if one.label.startswith("Compare")]
    assert labels == ["Compare my\\_01.png with my\\_02.png"]


def test_two_rows_are_compared(app: AppTest) -> None:
    healthy(app.run().switch_page(IMAGES).run())
    rows = [[sample.name for sample in SAMPLES].index(name) for name in ("chelsea", "china")]
    app.session_state["images_table"] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    healthy(app.run())
    (button,) = [one for one in app.button if one.label == "Compare Cat with Temple"]
    healthy(button.click().run())
    assert app.title[0].value == "Compare"
    assert "**A**: Cat" in texts(app)
    assert app.radio(key=state.IMAGE).value == "china"


def test_their_statistics_open_on_classes(app: AppTest) -> None:
    healthy(app.run().switch_page(IMAGES).run())
    (button,) = [one for one in app.button if one.label == "Statistics of these images"]
    healthy(button.click().run())
    assert app.title[0].value == "Classes"
    assert "over 8 images of this visit" in texts(app)


def test_the_csv_reads_as_the_table() -> None:
    network = load_network(DEFAULT_NETWORK)
    table = images_table([eca_viz.explain(png(0), network, ())], reference_gates(network))
    again = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    assert again["mean_gate.layer1.0.eca"][0] == table["mean_gate.layer1.0.eca"][0]
    assert again["stands_out"][0].startswith("layer")
