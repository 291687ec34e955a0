"""One tree of exceptions; each carries one sentence that a person can act on.

EcaVizError
├── ImageError        an image that cannot be used
├── NetworkError      an unknown network, or weights that cannot be used
├── SaliencyError     an unknown method or parameter, or maps that do not fit together
├── SelectionError    a layer, channel or class that the network does not have
├── GateError         a change of the gates that is unknown or does not fit the network
├── DataError         a data set that is missing or not as expected
└── MissingPackageError   a package that an extra of the installation brings

What a sentence quotes from outside, such as a file's name, has no control characters in it, and the
sentence is one line: `plain_text.one_line`.

UnreadAttentionWarning, a UserWarning, says what looks like attention and is not shown;
DeviceWarning, another, that a network left its GPU.
"""

from eca_viz.locale.plain_text import one_line
from eca_viz.locale.texts import Text


class EcaVizError(Exception):
    """Any error that eca_viz raises for its user; made from its sentence, a Text or a str."""

    def __init__(self, sentence: str) -> None:
        super().__init__(
            sentence.mapped(one_line) if isinstance(sentence, Text) else one_line(sentence)
        )


class ImageError(EcaVizError):
    """An image that cannot be used."""


class NetworkError(EcaVizError):
    """An unknown network, or weights that cannot be used."""


class SaliencyError(EcaVizError):
    """An unknown method or parameter, or maps that do not fit together."""


class SelectionError(EcaVizError):
    """A layer, channel or class that the network does not have."""


class GateError(EcaVizError):
    """A change of the gates that is unknown or does not fit the network."""


class DataError(EcaVizError):
    """A data set that is missing or not as expected."""


class MissingPackageError(EcaVizError):
    """A package that an extra of the installation brings, such as `eca_viz[app]`."""


class DeviceWarning(UserWarning):
    """A network computes on the CPU, since its device has too little memory."""


class UnreadAttentionWarning(UserWarning):
    """Something in a network looks like channel attention and is not shown."""
