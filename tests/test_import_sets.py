"""What is imported when: the start does not wait for libraries that it has no need of."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# torchvision and timm import torch._dynamo, and Captum imports matplotlib.
SLOW = {"torchvision", "torch._dynamo", "timm", "captum", "matplotlib", "scipy"}


def imported_by(code: str) -> set[str]:
    """Names of all modules that a Python process has imported after running `code`."""
    command = f"{code}; import sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", command], check=True, cwd=ROOT, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_attention_of_a_bundled_network_needs_torch_alone() -> None:
    found = imported_by(
        "import eca_viz.pipeline as pipeline; from eca_viz.images.samples import SAMPLES;"
        "network = pipeline.load_network('eca_resnet18_imagenette');"
        "pipeline.explain(SAMPLES[0].read(), network, saliency=())"
    )
    assert "torch" in found
    assert not SLOW & found


def test_captum_comes_with_the_first_map() -> None:
    found = imported_by(
        "import eca_viz.pipeline as pipeline; from eca_viz.images.samples import SAMPLES;"
        "pipeline.explain(SAMPLES[0].read(), 'resnet_tiny_eca', saliency='grad_cam')"
    )
    assert "captum" in found
    assert not (SLOW - {"captum", "matplotlib"}) & found


def test_costs_of_a_loaded_network_need_no_torchvision() -> None:
    assert not SLOW & imported_by("import eca_viz.inspection.costs")


def test_methods_and_sizes_of_inputs_are_known_without_torch() -> None:
    found = imported_by(
        "import eca_viz.saliency.registry, eca_viz.saliency.methods.channel,"
        " eca_viz.networks.preprocess"
    )
    assert not ({"torch"} | SLOW) & found
