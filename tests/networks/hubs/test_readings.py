"""Every attention layer of the hubs' networks is read and verified, and nothing is left unread."""

import warnings

import numpy as np
import pytest
import timm
import torch
import torchvision
import transformers
from torch import nn

import eca_viz
from eca_viz.networks.hubs import timm_hub
from tests.factories import make_pixels

# One of each family of timm that holds SE layers, as its classes differ.
SE_OF_TIMM = (
    "coatnet_nano_rw_224",
    "efficientnet_b0",
    "ese_vovnet19b_dw",
    "fastvit_t8",
    "ghostnet_100",
    "hardcorenas_a",
    "legacy_seresnet18",
    "maxvit_pico_rw_256",
    "mixnet_s",
    "mobilenetv3_small_100",
    "nfnet_f0",
    "regnety_002",
    "repvit_m0_9",
    "rexnet_100",
    "sebotnet33ts_256",
    "seresnet50",
)
SE_OF_TORCHVISION = ("efficientnet_b0", "mobilenet_v3_small", "regnet_y_400mf")
SIDE = 96


def _in_timm(name: str) -> str:
    """The architecture behind a name such as timm:ecaresnet50t.a1_in1k."""
    return name.removeprefix("timm:").partition(".")[0]


def verified(model: nn.Module, side: int) -> set[str]:
    with warnings.catch_warnings(), eca_viz.capture(model.eval()) as recorder, torch.no_grad():
        warnings.simplefilter("error", eca_viz.UnreadAttentionWarning)
        model(torch.randn(1, 3, side, side))
    assert len(recorder.records) == len(eca_viz.find_attention(model))
    assert recorder.unread == ()
    return {record.verified for record in recorder.records}


@pytest.mark.parametrize("name", sorted({*map(_in_timm, timm_hub.names()), *SE_OF_TIMM}))
def test_of_timm(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of timm's own modules warn when they are built
        model = timm.create_model(name, pretrained=False, num_classes=5)
    fixed = model.pretrained_cfg["fixed_input_size"] or "halo" in name
    side = model.pretrained_cfg["input_size"][1] if fixed else SIDE
    assert verified(model, side) == {"formula"}


@pytest.mark.parametrize("name", SE_OF_TORCHVISION)
def test_of_torchvision(name: str) -> None:
    model = torchvision.models.get_model(name, weights=None, num_classes=5)
    assert verified(model, SIDE) == {"formula"}


def test_of_hugging_face() -> None:
    torch.manual_seed(0)
    sizes = {"hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 2, 1], "groups_width": 8}
    config = transformers.RegNetConfig(layer_type="y", embedding_size=16, num_labels=3, **sizes)
    model = transformers.RegNetForImageClassification(config)
    assert verified(model, SIDE) == {"formula"}
    network = eca_viz.Network.wrap(model, preprocess={"resize": SIDE, "crop": SIDE})
    explanation = eca_viz.explain(make_pixels(), network, "grad_cam")
    with torch.no_grad():
        logits = model(network.inputs_of(explanation)).logits
    np.testing.assert_allclose(explanation.probabilities, logits.softmax(1)[0], rtol=1e-5)
    assert len(explanation.attention) == 5
