"""The network from input to output: a box a layer, in its stage, with its mean gate."""

import dataclasses
import json

import numpy as np
import pytest

from eca_viz import figures
from eca_viz.analysis.attention import gate_range, standing_out
from eca_viz.attention.discovery import stage_of
from eca_viz.records import Explanation, LayerAttention
from tests.factories import make_layer


def layers(*names: str) -> list[LayerAttention]:
    gates = np.random.default_rng(2).uniform(0.2, 0.9, (len(names), 16))
    return [
        dataclasses.replace(make_layer(list(row)), layer=name, stage=stage_of(name), order=order)
        for order, (name, row) in enumerate(zip(names, gates, strict=True))
    ]


def test_every_layer_has_its_mean_gate_on_the_overviews_scale(explained: Explanation) -> None:
    attention = explained.attention
    drawn = figures.network_picture(attention)
    assert [trace.name for trace in drawn.data] == [record.layer for record in attention]
    for trace, record in zip(drawn.data, attention, strict=True):
        mean = float(record.weights.mean())
        assert trace.marker.color[0] == pytest.approx(mean)
        assert f"mean ω = {mean:.4f}" in trace.hovertemplate
        assert trace.customdata[0][0] == standing_out(record)
    scale = drawn.layout.coloraxis
    overview = figures.overview(attention).layout.coloraxis
    assert (scale.cmin, scale.cmax) == (overview.cmin, overview.cmax) == gate_range(attention)
    assert scale.colorscale == overview.colorscale


@pytest.mark.parametrize(
    ("names", "stages"),
    [
        (("layer1.0.eca", "layer1.1.eca", "layer2.0.eca"), ["layer1", "layer2"]),
        (("stages.0.0.attn", "stages.1.0.attn", "stages.1.1.attn"), ["stages.0", "stages.1"]),
        (tuple(f"features.{n}.block.2" for n in range(4, 10)), list("456789")),
        (("attention",), ["attention"]),
    ],
)
def test_layers_stand_in_their_stages(names: tuple[str, ...], stages: list[str]) -> None:
    drawn = figures.network_picture(layers(*names))
    assert list(drawn.layout.xaxis.ticktext) == stages
    places = {trace.name: trace.x[0] for trace in drawn.data}
    assert list(places) == sorted(places, key=places.__getitem__)
    for number, middle in enumerate(drawn.layout.xaxis.tickvals):
        inside = [x for name, x in places.items() if stage_of(name).endswith(stages[number])]
        assert middle == pytest.approx(np.mean(inside))
    start, end = drawn.layout.xaxis.range
    assert start < min(places.values()) <= max(places.values()) < end


def test_its_text_names_every_stage() -> None:
    attention = layers("layer1.0.eca", "layer2.0.eca")
    alt = figures.network_picture(attention).layout.meta["alt"]
    for record in attention:
        assert f"{record.stage} {record.weights.mean():.2f}" in alt


def test_it_is_small_on_the_wire(explained: Explanation) -> None:
    assert len(figures.network_picture(explained.attention).to_json()) < 15_000


def test_a_layer_without_known_gates_has_no_colour() -> None:
    (one,) = layers("layer1.0.eca")
    unknown = dataclasses.replace(one, weights=np.full((1, 16), np.nan, np.float32))
    drawn = json.loads(figures.network_picture([unknown, one]).to_json())
    assert drawn["data"][0]["marker"]["color"] in ([None], [float("nan")])
