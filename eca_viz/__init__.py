"""Channel attention inside a real network: capture it, draw it, explain an image with it.

>>> import eca_viz
>>> explanation = eca_viz.explain(image)
>>> explanation.attention[0].weights.shape
(1, 64)

`explain` takes a path, bytes, a PIL image or pixels. What there is beside it:

An image              explain, compare; the records Explanation, LayerAttention, SaliencyMap
A model of yours      capture, intervene, find_attention; GateChange
A network by name     load_network, load_own, Network (Network.wrap), network_costs; NETWORKS
One explanation       channel_steps, feature_maps, channel_saliency, reference_gates,
  asked further       channel_effects, layer_effects
Many images           folder_statistics, read_statistics, attention_need, pruning,
                      read_accuracy;
                      FolderStatistics, FolderAccuracy
To look at            show, Explanation.figure, serve (the app)
What there is         METHODS of saliency, MECHANISMS of attention
Errors                EcaVizError above ImageError, NetworkError, SaliencyError, SelectionError,
                      GateError, DataError, MissingPackageError; UnreadAttentionWarning,
                      DeviceWarning

`eca_viz.analysis` has tables and arithmetic on the records, `eca_viz.figures` every chart. All
other modules may change.

The public names are listed in `__init__.pyi`, for type checkers as for Python. Each is imported
when it is first used, so that `import eca_viz` does not wait for PyTorch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
