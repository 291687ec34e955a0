"""What records show of themselves. Drawing lives above records, and is found by its name."""

from importlib import import_module
from typing import Any


def drawn(module: str, function: str, *given: Any, **options: Any) -> Any:
    """What a function of `eca_viz.export` or `eca_viz.analysis` makes of a record.

    The only way from a record upwards: the module is imported when somebody asks for a picture
    or a table, so that records stay free of Plotly and pandas.

    Args:
        module: Its dotted name below `eca_viz`.
        function: Its name.
        given: What it takes.
        options: What it takes by name.

    Returns:
        What it returns.
    """
    return getattr(import_module(f"eca_viz.{module}"), function)(*given, **options)
