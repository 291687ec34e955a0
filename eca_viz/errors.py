"""One tree of exceptions; each carries one sentence that a person can act on.

EcaVizError
├── ImageError        a photograph that cannot be used
├── NetworkError      an unknown network, or weights that cannot be used
├── SaliencyError     an unknown method, target or parameter
├── GateError         a change of the gates that is unknown or does not fit the network
└── DataError         a data set that is missing or not as expected
"""


class EcaVizError(Exception):
    """Any error that eca_viz raises for its user."""


class ImageError(EcaVizError):
    """A photograph that cannot be used."""


class NetworkError(EcaVizError):
    """An unknown network, or weights that cannot be used."""


class SaliencyError(EcaVizError):
    """An unknown method, target or parameter."""


class GateError(EcaVizError):
    """A change of the gates that is unknown or does not fit the network."""


class DataError(EcaVizError):
    """A data set that is missing or not as expected."""
