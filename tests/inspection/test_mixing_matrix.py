"""Matrices and responses of the mechanisms, on the shipped networks and on fresh layers."""

import numpy as np
import pytest
import torch

import eca_viz
from eca_viz.attention.variants import VARIANTS, Sizes, find_variant
from eca_viz.errors import SelectionError
from eca_viz.inspection.mixing_matrix import respond, untrained_matrix
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.registry import NETWORKS
from eca_viz.records import ImageInput

STAGE = "layer3"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_the_untrained_matrix_has_the_shape_and_is_always_the_same(variant) -> None:
    before = torch.random.get_rng_state()
    matrix = untrained_matrix(variant, 64, Sizes())
    np.testing.assert_array_equal(matrix, untrained_matrix(variant, 64, Sizes()))
    assert torch.equal(before, torch.random.get_rng_state())
    entries = {
        "none": 0,
        "diagonal": 64,
        "full": 64**2,
        "low rank": 64**2,
        "blocks": {"se_gc1": 64 * 4, "se_gc2": 64 * 16, "se_gc3": 64 * 8}.get(variant.name),
        "band": 3 * 64 - 2,
    }
    assert np.count_nonzero(matrix) == entries[variant.matrix]


def test_sizes_reach_the_matrix() -> None:
    se = untrained_matrix(find_variant("se"), 64, Sizes(reduction=8))
    assert np.linalg.matrix_rank(se, rtol=1e-5) == 8
    band = untrained_matrix(find_variant("eca_ns"), 64, Sizes(kernel_size=5))
    assert np.count_nonzero(band) == 5 * 64 - 6
    groups = untrained_matrix(find_variant("se_gc1"), 64, Sizes(groups=4))
    assert np.count_nonzero(groups) == 64 * 16


@pytest.mark.parametrize("variant", trained_variants(), ids=str)
def test_shipped_layers_answer_as_their_mechanism_allows(variant: str, china: ImageInput) -> None:
    """The zero pattern, the rank and the slope at each gate, of the weights that are shipped."""
    network = eca_viz.load_network(trained_variants()[variant])
    explanation = eca_viz.explain(china, network, saliency=())
    if variant == "none":
        assert explanation.attention == ()
        return
    (record,) = [one for one in explanation.attention if one.stage == STAGE]
    found = respond(network, explanation, record.layer)
    channels = record.channels
    assert found.jacobian.shape == (channels, channels)
    structure = untrained_matrix(find_variant(variant), channels, Sizes()) != 0
    assert not found.matrix[~structure].any()
    assert not found.jacobian[~structure].any()
    assert np.count_nonzero(found.matrix) > 0.9 * np.count_nonzero(structure)
    if variant == "se":
        assert found.squeezed is not None
        assert found.squeezed.shape == (channels // 16,)
        assert found.rank <= channels // 16
        assert found.rank == np.count_nonzero(found.squeezed)
    else:
        assert found.squeezed is None
        assert found.rank > channels // 16
    slope = (record.weights * (1 - record.weights))[0]
    np.testing.assert_allclose(found.jacobian, slope[:, None] * found.matrix, atol=1e-4)


def test_an_unknown_layer_is_answered_with_names(china: ImageInput) -> None:
    network = eca_viz.load_network(trained_variants()["se"])
    explanation = eca_viz.explain(china, network, saliency=())
    with pytest.raises(SelectionError, match=r"this network has layer1\.0\.attention"):
        respond(network, explanation, "layer9")


def test_the_shared_network_is_left_as_it_was(china: ImageInput) -> None:
    network = eca_viz.load_network(trained_variants()["se"])
    explanation = eca_viz.explain(china, network, saliency=())
    respond(network, explanation, explanation.attention[0].layer)
    for module in network.module.modules():
        assert not module._forward_hooks
    assert {p.dtype for p in network.module.parameters()} == {torch.float32}


def test_every_trained_variant_is_a_network_with_a_name() -> None:
    names = [spec.name for spec in NETWORKS]
    assert set(trained_variants().values()) <= set(names)
    assert list(trained_variants()) == [v.name for v in VARIANTS if v.name in trained_variants()]
