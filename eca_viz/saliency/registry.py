"""The saliency methods by name."""

from eca_viz.errors import SaliencyError
from eca_viz.locale.texts import text
from eca_viz.lookup import by_name
from eca_viz.saliency.method import Method
from eca_viz.saliency.methods.deep_lift import DEEP_LIFT
from eca_viz.saliency.methods.gradient import (
    GUIDED_BACKPROP,
    INPUT_X_GRADIENT,
    INTEGRATED_GRADIENTS,
    SALIENCY,
)
from eca_viz.saliency.methods.layer import GRAD_CAM, GUIDED_GRAD_CAM
from eca_viz.saliency.methods.noise import GRADIENT_SHAP, SMOOTH_GRAD
from eca_viz.saliency.methods.perturbation import FEATURE_ABLATION, KERNEL_SHAP, OCCLUSION

METHODS: tuple[Method, ...] = (
    INTEGRATED_GRADIENTS,
    GRAD_CAM,
    SALIENCY,
    INPUT_X_GRADIENT,
    GUIDED_BACKPROP,
    OCCLUSION,
    DEEP_LIFT,
    GRADIENT_SHAP,
    SMOOTH_GRAD,
    GUIDED_GRAD_CAM,
    FEATURE_ABLATION,
    KERNEL_SHAP,
)


def find_method(name: str) -> Method:
    """The method called `name`; raises SaliencyError with the valid names."""
    sentence = text("no saliency method is called {name!r}; the methods are: {names}")
    return by_name(METHODS, name, SaliencyError, sentence)
