"""Random methods give one map for one seed and leave everybody's generators alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
import torch

from eca_viz import load_network
from eca_viz.networks.clone import clone
from eca_viz.records import ImageInput, Prediction
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.method import SEED, Method
from eca_viz.saliency.methods.seeded import Seeded, seeded_numpy
from eca_viz.saliency.registry import METHODS
from tests.factories import QUICK

RANDOM = [method for method in METHODS if SEED in method.params]
by_name = pytest.mark.parametrize("method", RANDOM, ids=lambda method: method.name)


def maps(method: Method, image: ImageInput, seed: int) -> np.ndarray:
    network = load_network("resnet_tiny_eca")
    inputs = network.spec.preprocess.see(image)[1]
    settings = {**QUICK[method.name], "seed": seed}
    target = Prediction(4, "church", 0.5)
    return attribute(method, clone(network.module), "layer4", inputs, target, settings).values


@cache
def first_map(method: Method, image: ImageInput) -> np.ndarray:
    """The map of seed 0, computed once for all tests."""
    return maps(method, image, 0)


def test_which_methods_are_random() -> None:
    assert {method.name for method in RANDOM} == {"gradient_shap", "smooth_grad", "kernel_shap"}


@by_name
def test_one_seed_one_map(method: Method, china: ImageInput) -> None:
    first = first_map(method, china)
    np.testing.assert_array_equal(maps(method, china, 0), first)
    assert not np.array_equal(maps(method, china, 1), first)


@by_name
def test_the_shared_generators_are_left_alone(method: Method, china: ImageInput) -> None:
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1]
    maps(method, china, 0)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)


def test_what_others_draw_does_not_matter(china: ImageInput) -> None:
    method = RANDOM[0]
    alone = first_map(method, china)
    done = threading.Event()

    def disturb() -> None:
        while not done.is_set():
            torch.rand(1)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(disturb)
        try:
            np.testing.assert_array_equal(maps(method, china, 0), alone)
        finally:
            done.set()


def test_the_numbers_are_those_of_the_seed() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        expected = torch.normal(0, torch.ones(9)), torch.randn(2)
    with Seeded(3):
        found = torch.normal(0, torch.ones(9)), torch.randn(2)
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.equal(ours, theirs)


def test_the_inner_of_two_seeds_counts() -> None:
    with Seeded(1):
        alone = torch.randn(3)
    with Seeded(2), Seeded(1):
        assert torch.equal(torch.randn(3), alone)


def test_numpys_state_comes_back_after_an_exception() -> None:
    before = np.random.get_state()[1]
    with pytest.raises(OverflowError, match="exceeds"), seeded_numpy(5):
        np.random.uniform(0, np.inf)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
