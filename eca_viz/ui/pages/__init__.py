"""The pages in the order of the navigation."""

from dataclasses import dataclass
from pathlib import Path

from eca_viz.locale.texts import Text, text

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class PageEntry:
    """A page: its script, what the navigation calls it, and its place in the address bar.

    One that is `light` can be drawn before PyTorch is loaded.
    """

    script: Path
    title: Text
    icon: str
    url_path: str
    light: bool = False


PAGES: tuple[PageEntry, ...] = (
    PageEntry(
        _FOLDER / "attention.py", text("Attention"), ":material/grid_on:", "attention", light=True
    ),
    PageEntry(_FOLDER / "lesson.py", text("Lesson"), ":material/school:", "lesson", light=True),
    PageEntry(
        _FOLDER / "saliency.py", text("Saliency"), ":material/filter_center_focus:", "saliency"
    ),
    PageEntry(_FOLDER / "kernels.py", text("Kernels"), ":material/bar_chart:", "kernels"),
    PageEntry(_FOLDER / "mechanisms.py", text("Mechanisms"), ":material/timeline:", "mechanisms"),
    PageEntry(_FOLDER / "what_if.py", text("What if"), ":material/tune:", "what_if"),
    PageEntry(_FOLDER / "images.py", text("Images"), ":material/photo_library:", "images"),
    PageEntry(_FOLDER / "classes.py", text("Classes"), ":material/category:", "classes"),
    PageEntry(_FOLDER / "channel.py", text("Channel"), ":material/view_column:", "channel"),
    PageEntry(_FOLDER / "compare.py", text("Compare"), ":material/compare:", "compare"),
)


def find_page(title: str) -> PageEntry:
    """The page that the navigation calls `title`."""
    return next(page for page in PAGES if page.title == title)
