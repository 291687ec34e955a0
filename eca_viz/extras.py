"""Packages that only an extra of the installation brings, such as timm with `eca_viz[hub]`."""

from importlib.util import find_spec

from eca_viz.errors import MissingPackageError


def require(package: str, extra: str) -> None:
    """Raises MissingPackageError, which names the extra, where a package is not installed."""
    if find_spec(package) is None:
        raise MissingPackageError(
            f"{package} is not installed; pip install 'eca_viz[{extra}]' installs it"
        )
