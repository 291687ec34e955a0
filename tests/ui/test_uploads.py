"""Files for which there is no room: not held in memory, and said in a sentence."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from eca_viz.ui import state, uploads
from eca_viz.ui.uploads import SERVER_FULL, VISIT_FULL, Uploads
from tests.ui.factories import healthy, make_app, without_errors

MEGABYTE = 2**20


def form(content: bytes) -> bytes:
    return (
        b'--line\r\nContent-Disposition: form-data; name="file"; filename="big.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + content + b"\r\n--line--\r\n"
    )


class Held:
    """An app that keeps what it is sent, and answers when it is told to."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes]] = []
        self.room = Uploads(self)
        self.answer = asyncio.Event()
        self.answer.set()

    async def __call__(self, scope, receive, send) -> None:
        async with Request(scope, receive).form() as sent:
            self.files.append((sent["file"].filename, await sent["file"].read()))
        await self.answer.wait()

    async def put(self, content: bytes, visit: str = "v", told: bool = True) -> None:
        body = form(content)
        parts = [body[at : at + 60_000] for at in range(0, len(body), 60_000)]
        headers = [(b"content-type", b"multipart/form-data; boundary=line")]
        headers += [(b"content-length", str(len(body)).encode())] if told else []
        path = f"/viz/_stcore/upload_file/{visit}/f"
        scope = {"type": "http", "method": "PUT", "path": path, "headers": headers}

        async def receive():
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        await self.room(scope, receive, None)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Bytes that the server is made to believe it holds; a visit may have 10 MB, and all 20."""
    found: Counter[str] = Counter()
    monkeypatch.setattr(uploads, "_held", lambda: found)
    monkeypatch.setenv("ECA_VIZ_MOST_UPLOAD_MEGABYTES", "10")
    monkeypatch.setenv("ECA_VIZ_MOST_SERVER_MEGABYTES", "20")
    return found


def sent(*steps: Callable[[Held], object]) -> list[tuple[str, bytes]]:
    async def run() -> list[tuple[str, bytes]]:
        app = Held()
        for step in steps:
            await step(app)
        return app.files

    return asyncio.run(run())


def test_a_file_for_which_there_is_room_arrives_whole(held: Counter[str]) -> None:
    content = bytes(range(256)) * 1024
    held.update(v=9 * MEGABYTE, other=9 * MEGABYTE)
    assert sent(lambda app: app.put(content)) == [("big.png", content)]


@pytest.mark.parametrize(
    ("before", "arrives"),
    [
        ({"v": 9}, VISIT_FULL),
        ({"v": 1, "a": 9, "b": 9}, SERVER_FULL),
    ],
)
def test_another_arrives_as_the_reason_under_its_name(
    before: dict[str, int], arrives: bytes, held: Counter[str]
) -> None:
    held.update({visit: size * MEGABYTE for visit, size in before.items()})
    assert sent(lambda app: app.put(bytes(MEGABYTE))) == [("big.png", arrives)]


def test_what_may_come_is_counted_where_a_browser_does_not_say(held: Counter[str]) -> None:
    assert sent(lambda app: app.put(b"few", told=False)) == [("big.png", VISIT_FULL)]


@pytest.mark.usefixtures("held")
def test_files_that_come_at_once_are_counted_together() -> None:
    async def two(app: Held) -> None:
        app.answer.clear()
        first = asyncio.create_task(app.put(bytes(6 * MEGABYTE)))
        while not app.files:
            await asyncio.sleep(0)
        second = asyncio.create_task(app.put(bytes(6 * MEGABYTE)))
        while len(app.files) < 2:
            await asyncio.sleep(0)
        app.answer.set()
        await asyncio.gather(first, second)
        assert not app.room._coming

    first, second = sent(two)
    assert (len(first[1]), second[1]) == (6 * MEGABYTE, VISIT_FULL)


@pytest.mark.parametrize(
    ("content", "said"),
    [(VISIT_FULL, "files of a visit have 1000 MB"), (SERVER_FULL, "of all visits have 4000")],
)
def test_the_page_says_so(app: AppTest, content: bytes, said: str) -> None:
    without_errors(app.run())
    healthy(app.file_uploader(key=state.UPLOADS).upload("big.png", content, "image/png").run())
    assert "no room for big.png" in app.sidebar.error[0].value
    assert said in app.sidebar.error[0].value
    assert app.radio(key=state.IMAGE).value == "china"


def test_a_checkpoint_too() -> None:
    app = make_app()
    without_errors(app.run())
    app.radio(key=state.SOURCE).set_value("Your checkpoint").run()
    healthy(app.file_uploader(key=state.CHECKPOINT).upload("a.pth", VISIT_FULL, "x").run())
    assert any("no room for a.pth" in one.value for one in app.error)
