"""show(): every chart of every record by its name, the same as the figure itself."""

import dataclasses

import pytest

import eca_viz
from eca_viz import figures
from eca_viz.analysis.attention import gate_range
from eca_viz.errors import SelectionError
from eca_viz.export.charts import CHARTS, show
from eca_viz.inspection import mixing_matrix
from eca_viz.records import Explanation, LayerAttention
from tests.factories import make_scorecard


def test_an_explanation_gives_its_figures_and_its_table(explained: Explanation) -> None:
    assert explained.figure() == figures.overview(explained.attention)
    assert explained.figure("predictions") == figures.predictions(explained.predictions)
    table = explained.to_pandas()
    assert len(table) == sum(record.channels for record in explained.attention)
    assert table["weight"].iloc[0] == explained.attention[0].weights[0, 0]


@pytest.mark.parametrize("chart", CHARTS[Explanation])
def test_every_chart_of_an_explanation_is_drawn(explained: Explanation, chart: str) -> None:
    scored = dataclasses.replace(explained, scorecard=make_scorecard(2))
    assert len(show(scored, chart).data) > 0


@pytest.mark.parametrize("chart", CHARTS[LayerAttention])
def test_every_chart_of_a_layer_is_drawn(explained: Explanation, chart: str) -> None:
    assert len(show(explained.attention[0], chart).data) > 0


def test_a_channel_is_marked(explained: Explanation) -> None:
    record = explained.attention[0]
    expected = figures.sorted_gates(record, gate_range([record]), 3)
    assert show(record, "sorted_gates", channel=3) == expected
    with pytest.raises(SelectionError, match="has no channel 999"):
        show(record, channel=999)


def test_what_inspection_gives_is_drawn(explained: Explanation) -> None:
    network = eca_viz.load_network(explained.network.name)
    record = explained.attention[0]
    response = mixing_matrix.respond(network, explained, record.layer)
    assert show(response).data[0].z.shape == (record.channels, record.channels)
    assert len(show(response, "jacobian").data) > 0
    steps = eca_viz.channel_steps(network, explained, record.layer, [5])
    assert len(show(steps[0]).data) > 0


def test_a_map_is_named_by_its_method(explained: Explanation) -> None:
    one = explained.saliency[-1]
    assert one.title in show(explained, "saliency_overlay", method=one.method).layout.meta["alt"]
    with pytest.raises(SelectionError, match="no map of lime; this explanation has"):
        show(explained, "saliency_overlay", method="lime")


def test_what_is_not_there_is_said(explained: Explanation) -> None:
    bare = dataclasses.replace(explained, attention=())
    with pytest.raises(SelectionError, match="has no attention layer"):
        bare.figure()
    with pytest.raises(SelectionError, match="no layer here has a kernel"):
        show(bare, "taps")
    flat = dataclasses.replace(explained.attention[0], kernel_size=None, taps=None)
    with pytest.raises(SelectionError, match="no layer here has a kernel"):
        show(flat, "frequency_responses")
    with pytest.raises(SelectionError, match=r"Explanation has no chart 'pie'; give one of over"):
        explained.figure("pie")
    with pytest.raises(SelectionError, match="no scorecard"):
        show(dataclasses.replace(explained, scorecard=None), "score_curves")
    with pytest.raises(SelectionError, match="got a dict, which has no charts"):
        show({})
