"""Channel attention inside a real network: capture it, draw it, explain an image with it.

>>> import eca_viz
>>> explanation = eca_viz.explain("photo.jpg")
>>> explanation.attention[0].weights.shape
(1, 64)

The public names are listed in `__init__.pyi`, for type checkers as for Python. Each is imported
when it is first used, so that `import eca_viz` does not wait for PyTorch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
