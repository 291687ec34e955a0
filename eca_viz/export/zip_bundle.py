"""What is on the screen in one ZIP: figures, the numbers behind them, and their provenance."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Mapping, Sequence
from string import Template
from typing import TYPE_CHECKING

from plotly.offline import get_plotlyjs

from eca_viz.export import files as export
from eca_viz.export.files import PLOTLY
from eca_viz.export.html_report import figure_html, language
from eca_viz.export.names import entry_name, file_name
from eca_viz.figures import theme
from eca_viz.figures.drawn import Drawn, alt_of
from eca_viz.images.encoding import png
from eca_viz.records import Explanation

if TYPE_CHECKING:
    import pandas as pd

# A report brings Plotly's 5 MB with it.
MOST_REPORTS = 2

_PAGE = Template(
    """<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<title>$title</title>
<style>body { font: 16px/1.5 $font; margin: 2rem; } figure { margin: 0; }</style>
<script src="$plotly"></script>
</head>
<body>
$body
</body>
</html>
"""
)


def bundle(
    parts: Mapping[str, Explanation],
    drawn: Sequence[Drawn],
    *,
    pictures: Mapping[str, str] | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    link: str = "",
) -> bytes:
    """The ZIP: each figure as interactive HTML and as SVG, the files of each explanation.

    Args:
        parts: Explanations by name. The files of one alone lie at the top, those of several in
            a folder each; reports are left out where there are more than MOST_REPORTS.
        drawn: The figures on the screen; those without an SVG are HTML alone.
        pictures: SVG by name, of what is drawn without Plotly.
        tables: Tables by name, each added as CSV.
        link: The address that shows the same view, empty for none.

    Returns:
        The ZIP file's bytes.
    """
    files: dict[str, str | bytes] = {}
    for name, explanation in parts.items():
        folder = "" if len(parts) == 1 else f"{file_name(name)}/"
        with_report = len(parts) <= MOST_REPORTS
        made = export.files(explanation, link, with_report=with_report)
        files |= {folder + file: content for file, content in made.items()}
        if explanation.seen.size:
            files[f"{folder}seen.png"] = png(explanation.seen)
    for name, table in (tables or {}).items():
        files[f"{name}.csv"] = table.to_csv(index=False)
    for name, svg in (pictures or {}).items():
        files[f"figures/{name}.svg"] = svg
    if drawn:
        files[f"figures/{PLOTLY}"] = get_plotlyjs()
    for number, one in enumerate(drawn, start=1):
        stem = f"figures/{number:02}-{one.key}"
        files[f"{stem}.html"] = _page(one)
        if one.svg:
            files[f"{stem}.svg"] = one.svg
    return _zip(files)


def _page(drawn: Drawn) -> str:
    """A figure on a page of its own; Plotly's library lies beside it."""
    return _PAGE.substitute(
        language=language(),
        font=theme.PAGE_FONT,
        title=html.escape(alt_of(drawn.figure)),
        plotly=PLOTLY,
        body=figure_html(drawn.figure),
    )


def _zip(files: Mapping[str, str | bytes]) -> bytes:
    """Nothing in it unpacks outside of its folder, or over another entry."""
    buffer, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry, number = entry_name(name), 1
            while entry.casefold() in taken:
                number += 1
                entry = entry_name(f"{number}-{name}")
            taken.add(entry.casefold())
            archive.writestr(entry, content)
    return buffer.getvalue()
