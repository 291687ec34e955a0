"""DeepLift adds up under gates that are constants, which have lost their graph."""

import numpy as np
import pytest

import eca_viz
from eca_viz.networks.bundled.ablation import trained_variants
from tests.factories import make_pixels

NETWORKS = ("eca_resnet18_imagenette", *trained_variants().values())


@pytest.mark.parametrize("gates", ["ones", "half", "reference"])
def test_constant_gates(gates: str) -> None:
    for name in NETWORKS:
        if name == "resnet_tiny_none":
            continue
        found = eca_viz.explain(make_pixels(), name, "deep_lift", gates=gates).saliency[0]
        assert found.convergence_delta == pytest.approx(0, abs=1e-4)
        assert np.abs(found.values).max() > 0
