"""Runs Streamlit and prints how long the server takes over each rerun.

`python -m tests.ui.timed_app run app.py …` is `streamlit run app.py …` that prints one line for
each rerun: `rerun MILLISECONDS`, from the browser's message being handled to the last message
of the answer being handed to the socket. A browser on the same cores tells of messages late.
"""

import time
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.web.cli import main
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

MARK = "rerun"


def time_reruns() -> None:
    """Makes every session of this process print the time of its reruns."""
    handle = AppSession.handle_backmsg
    write = StarletteSessionClient.write_forward_msg
    asked = 0.0

    def handle_backmsg(session: AppSession, message: Any) -> None:
        nonlocal asked
        if message.WhichOneof("type") == "rerun_script":
            asked = time.perf_counter()
        handle(session, message)

    def write_forward_msg(client: StarletteSessionClient, message: ForwardMsg) -> None:
        write(client, message)
        if message.WhichOneof("type") == "script_finished":
            print(f"{MARK} {(time.perf_counter() - asked) * 1000:.1f}", flush=True)

    AppSession.handle_backmsg = handle_backmsg  # type: ignore[method-assign]
    StarletteSessionClient.write_forward_msg = write_forward_msg  # type: ignore[method-assign]


if __name__ == "__main__":
    time_reruns()
    main()
