"""What tests of pages share: the pages' paths, what is on one, and an upload."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from eca_viz.ui import kept, state
from tests.factories import make_pixels

ROOT = Path(__file__).parents[2]
ATTENTION = "../pages/attention.py"
SALIENCY = "../pages/saliency.py"
KERNELS = "../pages/kernels.py"
MECHANISMS = "../pages/mechanisms.py"
WHAT_IF = "../pages/what_if.py"
COMPARE = "../pages/compare.py"
IMAGES = "../pages/images.py"
CLASSES = "../pages/classes.py"
CHANNEL = "../pages/channel.py"
LESSON = "../pages/lesson.py"


def make_app() -> AppTest:
    """The app before its first run, in a browser that has drawn the first screen already."""
    app = AppTest.from_file(str(ROOT / "eca_viz/ui/app/router.py"), default_timeout=120)
    app.session_state[state.FIRST_SCREEN] = True
    return app


def png(seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(make_pixels(seed)).save(buffer, format="PNG")
    return buffer.getvalue()


def healthy(app: AppTest) -> AppTest:
    """The app, whose last run raised nothing; it may say what is wrong with an input."""
    assert not app.exception
    return app


def without_errors(app: AppTest) -> AppTest:
    """The app, whose last run raised nothing and shows no error."""
    assert not app.error, [one.value for one in app.error]
    return healthy(app)


def open_tab(app: AppTest, key: str, title: str) -> AppTest:
    """The app after a click on a tab; AppTest has no such click, but it reads the address."""
    app.session_state[key] = title
    app.query_params[key] = title
    return healthy(app.run())


def texts(app: AppTest) -> str:
    parts = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption]
    return "\n".join(part.value for part in parts)


def charts(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def charts_by_alt(app: AppTest) -> dict[str, dict]:
    """Each chart by its text for screen readers, else by its key."""
    return {
        chart.proto.alt or chart.proto.id: json.loads(chart.proto.spec)
        for chart in app.get("plotly_chart")
    }


def chart(app: AppTest, start: str) -> dict:
    """The one chart whose text for screen readers, or key, begins so."""
    (found,) = [one for alt, one in charts_by_alt(app).items() if alt.startswith(start)]
    return found


def decode(value: dict | list) -> np.ndarray:
    """Plotly sends arrays as base64 with a type and a shape."""
    if isinstance(value, list):
        return np.array(value)
    flat = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
    shape = [int(side) for side in value.get("shape", str(flat.size)).split(",")]
    return flat.reshape(shape)


def forget(function: Callable[..., object]) -> None:
    """Gives up what is kept of a function's results."""
    name = f"{function.__module__}.{function.__qualname__}"
    for key in [key for key in kept._store if key[0] == name]:
        del kept._store[key]
