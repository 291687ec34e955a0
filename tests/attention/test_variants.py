"""Every variant against NumPy with its explicit matrix, its count and its Jacobian."""

import numpy as np
import pytest
import torch
from torch import nn

import eca_viz
from eca_viz.attention.discovery import find_attention
from eca_viz.attention.groups import group_count
from eca_viz.attention.jacobian import jacobians
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.attention.mechanisms.se_gc import SEGCLayer
from eca_viz.attention.registry import recognise
from eca_viz.attention.variants import SWEEP, VARIANTS, Sizes, Variant, find_variant
from eca_viz.errors import NetworkError
from eca_viz.kernel_size import adaptive_kernel_size

ALL = VARIANTS + SWEEP
GATED = tuple(variant for variant in ALL if variant.name != "none")
Matrix = np.ndarray


def build(variant: Variant, channels: int, sizes: Sizes | None = None) -> nn.Module:
    torch.manual_seed(channels)
    return variant.build(channels, sizes or Sizes())


def parameters(module: nn.Module) -> dict[str, Matrix]:
    return {name: p.detach().double().numpy() for name, p in module.named_parameters()}


def band(taps: Matrix) -> Matrix:
    """(C, k) taps, the middle one on the diagonal."""
    channels, k = taps.shape
    matrix = np.zeros((channels, channels))
    for row in range(channels):
        for tap in range(k):
            column = row + tap - k // 2
            if 0 <= column < channels:
                matrix[row, column] = taps[row, tap]
    return matrix


def explicit_matrix(variant: Variant, module: nn.Module, channels: int) -> Matrix:
    """W from the parameters, by the definition of each variant."""
    own = list(parameters(module).values())
    if variant.name == "se_var1":
        return np.eye(channels)
    if variant.name == "se_var2":
        return np.diag(own[0])
    if variant.name == "se_var3":
        return own[0]
    if variant.name.startswith("se_gc"):
        matrix = np.zeros((channels, channels))
        width = own[0].shape[1]
        for group, block in enumerate(own[0]):
            matrix[group * width :, group * width :][:width, :width] = block
        return matrix
    if variant.name == "eca_ns":
        return band(own[0])
    return band(np.tile(own[0].reshape(1, -1), (channels, 1)))


@pytest.mark.parametrize("channels", [16, 48, 64])
@pytest.mark.parametrize("variant", GATED, ids=lambda variant: variant.name)
def test_equals_numpy_with_the_explicit_matrix(variant: Variant, channels: int) -> None:
    module = build(variant, channels).double()
    x = torch.randn(2, channels, 5, 3, dtype=torch.float64)
    y = x.mean((2, 3)).numpy()
    if variant.name == "se":
        down, up = parameters(module).values()
        logits = np.maximum(y @ down.T, 0) @ up.T
    else:
        logits = y @ explicit_matrix(variant, module, channels).T
    expected = x.numpy() / (1 + np.exp(-logits))[..., None, None]
    with torch.no_grad():
        np.testing.assert_allclose(module(x).numpy(), expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(module.float()(x.float()).numpy(), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("channels", [8, 16, 24, 64, 96, 128, 512])
@pytest.mark.parametrize("variant", ALL, ids=lambda variant: variant.name)
def test_the_parameter_count_is_that_of_the_layer(variant: Variant, channels: int) -> None:
    for sizes in (Sizes(), Sizes(reduction=4, groups=8, kernel_size=7)):
        module = build(variant, channels, sizes)
        assert sum(p.numel() for p in module.parameters()) == variant.parameters(channels, sizes)


@pytest.mark.parametrize("channels", [64, 256, 1024])
def test_counts_are_those_of_the_papers_table(channels: int) -> None:
    k = adaptive_kernel_size(channels)
    expected = {
        "none": 0,
        "se": 2 * channels**2 // 16,
        "se_var1": 0,
        "se_var2": channels,
        "se_var3": channels**2,
        "se_gc1": channels**2 // 16,
        "se_gc2": 16 * channels,
        "se_gc3": 8 * channels,
        "eca_ns": k * channels,
        "eca": k,
        "eca_k3": 3,
    }
    assert {v.name: v.parameters(channels, Sizes()) for v in VARIANTS} == expected


@pytest.mark.parametrize("variant", GATED, ids=lambda variant: variant.name)
def test_gradients_reach_every_parameter_and_the_input(variant: Variant) -> None:
    module = build(variant, 32)
    x = torch.randn(4, 32, 3, 3, requires_grad=True)
    module(x).square().sum().backward()
    for tensor in (x, *module.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()
        assert tensor.grad.abs().sum() > 0


@pytest.mark.parametrize("variant", GATED, ids=lambda variant: variant.name)
def test_is_recognised_and_captured(variant: Variant) -> None:
    model = nn.Sequential(build(variant, 32))
    x = torch.randn(2, 32, 4, 4)
    with eca_viz.capture(model) as recorder, torch.no_grad():
        out = model(x)
    (record,) = recorder.records
    family = variant.name.rstrip("123456789") if "gc" in variant.name else variant.name
    assert record.mechanism == ("eca" if "eca_k" in variant.name else family)
    np.testing.assert_allclose(record.descriptor, x.mean((2, 3)), atol=1e-6)
    np.testing.assert_allclose(record.weights, 1 / (1 + np.exp(-record.logits)), atol=1e-6)
    np.testing.assert_allclose(out, x.numpy() * record.weights[..., None, None], atol=1e-6)


def test_no_attention_is_no_layer() -> None:
    assert find_attention(nn.Sequential(find_variant("none").build(8, Sizes()))) == ()


def allowed(variant: Variant, channels: int) -> Matrix:
    """Where the Jacobian is nonzero, and nowhere else, by the paper's claim."""
    i, j = np.indices((channels, channels))
    shape = {
        "diagonal": i == j,
        "full": np.ones_like(i, dtype=bool),
        "low rank": np.ones_like(i, dtype=bool),
    }
    if variant.matrix in shape:
        return shape[variant.matrix]
    if variant.matrix == "blocks":
        width = {"se_gc1": channels // 16, "se_gc2": 16, "se_gc3": 8}[variant.name]
        return i // width == j // width
    k = int(variant.name.removeprefix("eca_k")) if "eca_k" in variant.name else 0
    return abs(i - j) <= (k or adaptive_kernel_size(channels)) // 2


@pytest.mark.parametrize("variant", GATED, ids=lambda variant: variant.name)
def test_the_jacobian_proves_the_claim(variant: Variant) -> None:
    channels = 64
    module = build(variant, channels)
    mechanism = recognise(module)
    assert mechanism is not None
    y = torch.randn(channels).abs()
    _, jacobian = jacobians(module, mechanism, y)
    np.testing.assert_array_equal(jacobian.numpy() != 0, allowed(variant, channels))


@pytest.mark.parametrize("variant", GATED, ids=lambda variant: variant.name)
def test_the_jacobian_is_that_of_autograd(variant: Variant) -> None:
    """Against autograd through the whole layer, one output at a time."""
    module = build(variant, 16).double()
    mechanism = recognise(module)
    assert mechanism is not None
    y = torch.randn(16, dtype=torch.float64)

    def gates(descriptor: torch.Tensor) -> torch.Tensor:
        return module(descriptor[None, :, None, None]).flatten() / descriptor

    matrix, jacobian = jacobians(module, mechanism, y)
    expected = torch.autograd.functional.jacobian(gates, y)
    torch.testing.assert_close(jacobian, expected, rtol=1e-9, atol=1e-12)
    weights = gates(y).detach()
    slope = weights * (1 - weights)
    torch.testing.assert_close(jacobian, slope[:, None] * matrix, rtol=1e-9, atol=1e-12)


def test_the_matrix_is_w_for_the_linear_ones_and_passes_the_relu_for_se() -> None:
    y = torch.randn(64)
    for variant in GATED:
        module = build(variant, 64)
        mechanism = recognise(module)
        assert mechanism is not None
        found = jacobians(module, mechanism, y).matrix.numpy()
        if variant.name == "se":
            down, up = parameters(module).values()
            expected = up @ np.diag(down @ y.numpy() > 0) @ down
        else:
            expected = explicit_matrix(variant, module, 64)
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(("channels", "reduction"), [(64, 16), (128, 16), (64, 4), (8, 16)])
def test_ses_jacobian_has_at_most_the_rank_of_its_bottleneck(channels: int, reduction: int) -> None:
    torch.manual_seed(1)
    layer = SELayer(channels, reduction).double()
    mechanism = recognise(layer)
    assert mechanism is not None
    y = torch.randn(channels, dtype=torch.float64)
    rank = int(torch.linalg.matrix_rank(jacobians(layer, mechanism, y).jacobian))
    bottleneck = max(1, channels // reduction)
    assert rank == int((layer.fc1(y) > 0).sum()) <= bottleneck
    full = find_variant("se_var3").build(channels, Sizes()).double()
    free = recognise(full)
    assert free is not None
    assert torch.linalg.matrix_rank(jacobians(full, free, y).jacobian) == channels


def test_jacobians_leave_no_hook_and_need_no_gradient() -> None:
    layer = build(find_variant("eca_ns"), 8)
    mechanism = recognise(layer)
    assert mechanism is not None
    layer.requires_grad_(False)
    with torch.inference_mode():
        y = torch.randn(8)
    jacobians(layer, mechanism, y)
    assert not any(module._forward_hooks for module in layer.modules())


@pytest.mark.parametrize(
    ("channels", "wanted", "count"),
    [(64, 16, 16), (8, 16, 8), (24, 16, 12), (16, 0, 1), (7, 4, 1), (1, 16, 1)],
)
def test_groups_have_equal_size(channels: int, wanted: int, count: int) -> None:
    assert group_count(channels, wanted) == count


def test_where_c_is_too_small_for_a_rule() -> None:
    """16 groups wanted of 8 channels: 8 groups. 16 channels wanted a group: one group of 8."""
    by_name = {v.name: build(v, 8) for v in VARIANTS}
    assert by_name["se_gc1"].mix.weight.shape == (8, 1, 1)
    assert by_name["se_gc2"].mix.weight.shape == (1, 8, 8)
    assert by_name["se"].fc1.out_features == 1
    wide = find_variant("eca_k9").build(2, Sizes())
    x = torch.randn(1, 2, 1, 1)
    taps = wide.conv.weight.detach().flatten()
    y0, y1 = x.flatten()
    logits = torch.stack([taps[4] * y0 + taps[5] * y1, taps[3] * y0 + taps[4] * y1])
    with torch.no_grad():
        torch.testing.assert_close(wide(x).flatten(), x.flatten() * torch.sigmoid(logits))


def test_wrong_sizes_raise() -> None:
    with pytest.raises(ValueError, match="got 0 groups"):
        SEGCLayer(8, 0)
    with pytest.raises(ValueError, match="got kernel size 4"):
        find_variant("eca_ns").build(8, Sizes(kernel_size=4))
    with pytest.raises(NetworkError, match="no attention is called 'eca_k4'; the kinds are: none"):
        find_variant("eca_k4")


def test_equal_structures_give_the_same_gates() -> None:
    """SE-Var2, ECA-NS with k = 1 and SE-GC with one channel a group are the same function."""
    diagonal = build(find_variant("se_var2"), 16)
    alone = SEGCLayer(16, 16)
    single = find_variant("eca_ns").build(16, Sizes(kernel_size=1))
    factors = diagonal.mix.weight.data
    alone.mix.weight.data = factors.view(16, 1, 1)
    single.mix.weight.data = factors.view(16, 1)
    x = torch.randn(2, 16, 3, 3)
    with torch.no_grad():
        torch.testing.assert_close(alone(x), diagonal(x))
        torch.testing.assert_close(single(x), diagonal(x))


def test_variants_have_distinct_names_and_the_papers_results() -> None:
    names = [variant.name for variant in ALL]
    assert len(set(names)) == len(names)
    assert [variant for variant in ALL if variant.paper] == list(VARIANTS)
    assert find_variant("eca").paper == (77.48, 93.68)
    assert find_variant("eca_k3").paper == (77.43, 93.65)
