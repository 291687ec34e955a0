"""The figures of the lesson's steps that set mechanisms side by side."""

from collections.abc import Callable, Sequence

from eca_viz import figures
from eca_viz.analysis.ablation import accuracy
from eca_viz.attention.variants import Sizes, find_variant
from eca_viz.locale.texts import listed, tr
from eca_viz.ui.components import widgets
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.step import Picture

Draw = Callable[[Material], Picture]
# Pixels: of a matrix beside one, two or more others.
SIDES = (400, 280, 220)


def accuracies(*names: str) -> Draw:
    """Draws the accuracy of mechanisms, by the paper and as measured here."""

    def draw(material: Material) -> Picture:
        variants = [find_variant(name) for name in names]
        channels = material.widest.channels
        labels = [
            tr(
                "{mechanism} · {parameters:,} parameters",
                mechanism=tr(one.title),
                parameters=one.parameters(channels, Sizes()),
            )
            for one in variants
        ]
        paper = [None if one.paper is None else one.paper.top1 for one in variants]
        ours = [material.measured.get(name) for name in names]
        return Picture(
            {"accuracies": figures.mechanism_accuracy(labels, paper, ours)},
            tr(
                "Parameters of one layer at C = {channels}, the width of {layer}.",
                channels=channels,
                layer=widgets.plain(material.widest.layer),
            ),
        )

    return draw


def matrices(*names: str) -> Draw:
    """Draws the matrices W of trained layers side by side."""

    def draw(material: Material) -> Picture:
        found = {name: material.response(name) for name in names}
        side = SIDES[min(len(found), len(SIDES)) - 1]
        drawn = {
            f"matrix-{name}": figures.matrix(one.matrix, tr(find_variant(name).title), side=side)
            for name, one in found.items()
        }
        titles = tuple(
            tr(
                "**{mechanism}**: {some:,} of {all:,} entries",
                mechanism=tr(find_variant(name).title),
                some=int((one.matrix != 0).sum()),
                all=one.matrix.size,
            )
            for name, one in found.items()
        )
        said = tr(
            "Trained layers of the bundled small ResNets, C = {channels}: row i holds what gate i "
            "multiplies the descriptors with.",
            channels=len(next(iter(found.values())).matrix),
        )
        return Picture(drawn, f"{said} {_measured(material, names)}", titles)

    return draw


def _measured(material: Material, names: Sequence[str]) -> str:
    """The paper's accuracies and ours, as text."""
    paper, ours = [], []
    for name in names:
        variant = find_variant(name)
        if variant.paper is not None:
            paper.append(f"{tr(variant.title)} {variant.paper.top1:.2f}")
        if name in material.measured:
            ours.append(f"{tr(variant.title)} {accuracy(material.measured[name])}")
    return tr("Top-1 in the paper: {paper}. Ours: {ours}.", paper=listed(paper), ours=listed(ours))
