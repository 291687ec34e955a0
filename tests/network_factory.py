"""Networks around modules that tests make."""

from torch import nn

from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import Network, NetworkSpec
from eca_viz.records import NetworkRecord


def make_network(
    module: nn.Module,
    *,
    name: str = "mine",
    side: int = 64,
    labels: tuple[str, ...] = ("a", "b"),
    sha256: str = "0",
    gradcam_layer: str = "",
) -> Network:
    """A loaded network that is `module`, with a spec and a record that fit it."""
    title, source, licence = name.title(), "a test", "MIT"
    spec = NetworkSpec(
        name=name,
        title=title,
        build=lambda classes: module,
        head="",
        preprocess=Preprocess(side, side),
        gradcam_layer=gradcam_layer,
        source=source,
        licence=licence,
        classes=len(labels),
        labels=lambda: labels,
    )
    return Network(spec, module, NetworkRecord(name, title, sha256, labels, source, licence, {}))
