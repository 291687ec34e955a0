"""The way from an image that is none of the network's classes to a network with a thousand."""

from streamlit.delta_generator import DeltaGenerator

from eca_viz.analysis.familiarity import probably_none
from eca_viz.locale.texts import tr
from eca_viz.networks.registry import (
    IMAGENET_NETWORK,
    cached_imagenet,
    downloadable,
    find_listed,
    is_bundled,
)
from eca_viz.records import Explanation
from eca_viz.ui.components import widgets
from eca_viz.ui.sidebar import network_picker


def draw(explanation: Explanation, place: DeltaGenerator) -> None:
    """A button at `place` that opens an ImageNet network, where this image calls for one."""
    if not (probably_none(explanation.familiarity) and is_bundled(explanation.network.name)):
        return
    cached = cached_imagenet()
    if (cached or IMAGENET_NETWORK) not in downloadable():
        return  # downloads are turned off
    row = find_listed(cached or IMAGENET_NETWORK)
    network = {"network": tr(row.title), "classes": row.classes}
    label = (
        tr("Open {network}, which knows {classes:,} classes", **network)
        if cached
        else tr(
            "Download ({megabytes:.0f} MB) {network}, which knows {classes:,} classes",
            megabytes=row.megabytes,
            **network,
        )
    )
    place.button(
        widgets.plain(label),
        key="open_imagenet",
        icon=":material/travel_explore:",
        help=tr(
            "{source}, licence {licence}. It is kept on the machine that runs this app and works "
            "offline from then on.",
            source=tr(row.source),
            licence=tr(row.licence),
        ),
        on_click=network_picker.open_imagenet,
        args=(row.name,),
    )
