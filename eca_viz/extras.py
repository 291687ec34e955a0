"""Packages that only an extra of the installation brings, such as timm with `eca_viz[hub]`."""

from importlib.util import find_spec

from eca_viz.errors import MissingPackageError
from eca_viz.texts import text


def require(package: str, extra: str) -> None:
    """Raises MissingPackageError, which names the extra, where a package is not installed."""
    if find_spec(package) is None:
        raise MissingPackageError(
            text(
                "{package} is not installed; pip install 'eca_viz[{extra}]' installs it",
                package=package,
                extra=extra,
            )
        )
