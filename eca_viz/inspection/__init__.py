"""Questions put to a loaded network about one explanation."""

from eca_viz.inspection.channel_saliency import channel_saliency
from eca_viz.inspection.channel_steps import channel_steps
from eca_viz.inspection.feature_maps import all_feature_maps, feature_maps
from eca_viz.inspection.lesson import lesson_start
from eca_viz.saliency.methods.channel import CHANNEL_METHODS

__all__ = [
    "CHANNEL_METHODS",
    "all_feature_maps",
    "channel_saliency",
    "channel_steps",
    "feature_maps",
    "lesson_start",
]
