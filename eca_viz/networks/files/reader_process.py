"""The processes in which checkpoints are read: see unpickle.py.

On Linux a process that has loaded PyTorch waits for the next checkpoint and makes a copy of itself
for it (fork), which saves the seconds that PyTorch takes to load; it ends when none comes for some
time. Elsewhere each checkpoint has a process of its own from the start.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from eca_viz.networks.files import unpickle

COPIES = sys.platform == "linux"
# Threads of a library would make a copy of the process unsafe.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_PROGRAM = (sys.executable, "-I", unpickle.__file__)


class _Waiting:
    """A process that reads one checkpoint after the other, each in a copy of itself."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            _PROGRAM,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | ONE_THREAD,
            start_new_session=True,  # so that it is ended together with its copy
        )
        assert self._process.stdin
        assert self._process.stdout
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def read(self, request: str, timeout: float) -> tuple[int, str]:
        """Exit code and output; BrokenPipeError where the process has ended, TimeoutError."""
        given_up = threading.Event()

        def give_up() -> None:
            given_up.set()
            self._kill()

        timer = threading.Timer(timeout, give_up)
        timer.daemon = True
        timer.start()
        try:
            self._requests.write(request + "\n")
            self._requests.flush()
            code, output = json.loads(self._answers.readline())
        except (BrokenPipeError, json.JSONDecodeError) as error:
            raise TimeoutError if given_up.is_set() else BrokenPipeError from error
        finally:
            timer.cancel()
        return code, output

    def end(self) -> int:
        """Ends it and its copy; the exit code, negative for a signal."""
        self._kill()
        code = self._process.wait()
        self._close()
        return code

    def disown(self) -> None:
        """After a fork: it is the parent's."""
        self._process.returncode = 0
        self._close()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _close(self) -> None:
        with suppress(BrokenPipeError):
            self._requests.close()
        self._answers.close()


_idle: list[_Waiting] = []


def read(source: Path, target: Path, seconds: int, timeout: float) -> tuple[int, str]:
    """Takes the tensors out of a checkpoint, as `unpickle.main` does.

    Args:
        source: The checkpoint.
        target: The safetensors file to write.
        seconds: The most processor time.
        timeout: The most seconds on the clock.

    Returns:
        The exit code, negative for a signal, and what was printed.

    Raises:
        TimeoutError: Where it takes longer.
    """
    arguments = (str(source), str(target), str(seconds))
    if not COPIES:
        return _read_once(arguments, timeout)
    while True:
        try:
            waiting, fresh = _idle.pop(), False
        except IndexError:
            waiting, fresh = _Waiting(), True
        try:
            answer = waiting.read(json.dumps(arguments), timeout)
        except BrokenPipeError:
            code = waiting.end()
            if fresh:
                return code, ""
        except BaseException:
            waiting.end()
            raise
        else:
            _idle.append(waiting)
            return answer


def _read_once(arguments: tuple[str, ...], timeout: float) -> tuple[int, str]:
    try:
        done = subprocess.run(
            [*_PROGRAM, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=os.environ | ONE_THREAD,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    return done.returncode, done.stdout


def _end() -> None:
    while _idle:
        _idle.pop().end()


def _disown() -> None:
    while _idle:
        _idle.pop().disown()


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown)
