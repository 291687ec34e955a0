"""The frozen types that results consist of: NumPy and the standard library alone."""

from eca_viz.records.ablation import Row, Summary
from eca_viz.records.attention import (
    FeatureMaps,
    GateSummary,
    LayerAttention,
    LayerResponse,
    ReferenceGates,
)
from eca_viz.records.base import Floats, Pixels, Record, as_floats
from eca_viz.records.channel_steps import Bottleneck, ChannelSteps, Places, Terms
from eca_viz.records.comparison import BY_DEPTH, BY_NAME, Comparison, LayerPair
from eca_viz.records.explanation import Explanation
from eca_viz.records.gate_effects import ChannelEffects, LayerEffects
from eca_viz.records.image import ImageInput
from eca_viz.records.lesson import LessonStart, flat_map
from eca_viz.records.need import ConditionResult, FolderAccuracy
from eca_viz.records.network import OWN_NETWORK, Cost, NetworkCosts, NetworkRecord
from eca_viz.records.saliency import (
    ChannelTarget,
    MapScore,
    Prediction,
    SaliencyMap,
    Scorecard,
    ScoreTarget,
)
from eca_viz.records.statistics import (
    NEAR,
    EffectStatistics,
    FolderStatistics,
    GateDistribution,
    LayerStatistics,
    RankedImage,
)

__all__ = [
    "BY_DEPTH",
    "BY_NAME",
    "NEAR",
    "OWN_NETWORK",
    "Bottleneck",
    "ChannelEffects",
    "ChannelSteps",
    "ChannelTarget",
    "Comparison",
    "ConditionResult",
    "Cost",
    "EffectStatistics",
    "Explanation",
    "FeatureMaps",
    "Floats",
    "FolderAccuracy",
    "FolderStatistics",
    "GateDistribution",
    "GateSummary",
    "ImageInput",
    "LayerAttention",
    "LayerEffects",
    "LayerPair",
    "LayerResponse",
    "LayerStatistics",
    "LessonStart",
    "MapScore",
    "NetworkCosts",
    "NetworkRecord",
    "Pixels",
    "Places",
    "Prediction",
    "RankedImage",
    "Record",
    "ReferenceGates",
    "Row",
    "SaliencyMap",
    "ScoreTarget",
    "Scorecard",
    "Summary",
    "Terms",
    "as_floats",
    "flat_map",
]
