"""Untrusted images are decoded in processes that are limited, replaced, and gone at the end."""

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eca_viz.errors import ImageError
from eca_viz.images import bounded, decoding
from eca_viz.images.bounded import Limits, Pool
from eca_viz.images.decoding import Kind, RefusedError
from eca_viz.images.reading import read_image
from eca_viz.records import Pixels
from tests.factories import make_pixels
from tests.hostile.images import (
    ATTACKS,
    Make,
    flat_webp,
    many_scans,
    ordinary,
    outcome,
)
from tests.images.processes import runs, wait_until

Encode = Callable[..., bytes]
Start = Callable[..., Pool]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Puts a pool with other limits in place of the process's own."""
    pools = []

    def run(size: int = 1, limits: Limits | None = None) -> Pool:
        pools.append(Pool(size, limits))
        monkeypatch.setattr(bounded, "_pool", pools[-1])
        return pools[-1]

    yield run
    for pool in pools:
        pool.end()


def warm(pool: Pool, data: bytes) -> int:
    """Starts the pool's one process; its identifier."""
    pool.decode(data)
    (process,) = pool.processes()
    return process


def kind(pool: Pool, data: bytes) -> Kind:
    with pytest.raises(RefusedError) as caught:
        pool.decode(data)
    return caught.value.kind


@pytest.fixture
def data(encode: Encode) -> bytes:
    return encode(Image.fromarray(make_pixels()), "PNG")


@pytest.mark.parametrize(
    ("make", "part"), ATTACKS, ids=lambda given: getattr(given, "__name__", "")
)
def test_attacks_end_within_the_limits(make: Make, part: str, start: Start) -> None:
    before = [resource.getrlimit(one) for one in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
    start(1, Limits(seconds=2))
    image = make()
    begin = time.monotonic()
    sentence = outcome(image)
    assert time.monotonic() - begin < 30
    if part or sentence:
        assert (part or "takes more than") in sentence
        assert ";" in sentence
        assert "\n" not in sentence
    after = [resource.getrlimit(one) for one in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
    assert before == after


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_memory_is_limited(start: Start, data: bytes) -> None:
    process = warm(start(), data)
    limits = Path(f"/proc/{process}/limits").read_text().splitlines()
    space = next(line for line in limits if line.startswith("Max address space"))
    assert space.split()[3] == str(bounded.MEGABYTES << 20)
    start(1, Limits(megabytes=300))
    read_image(data)
    with pytest.raises(ImageError, match="x takes more than 1 GB of memory to decode; save it"):
        read_image(flat_webp(), "x")
    np.testing.assert_array_equal(read_image(data).pixels, make_pixels())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_a_damaged_image_after_a_large_one_is_damaged(start: Start, encode: Encode) -> None:
    """Though the process's peak is then high, by which a lack of memory is told from damage."""
    pool = start(1, Limits(megabytes=300))
    large = encode(Image.new("RGB", (5000, 4000)), "PNG", compress_level=1)
    process = warm(pool, large)
    peak = Path(f"/proc/{process}/status").read_text().partition("VmPeak:")[2]
    assert int(peak.split()[0]) > 150 * 1024
    damaged = encode(Image.fromarray(make_pixels()), "PNG")[:-60]
    assert kind(pool, damaged) == Kind.DAMAGED
    assert process not in pool.processes()


def test_time_is_counted_for_each_image(start: Start) -> None:
    pool, data = start(1, Limits(seconds=1)), ordinary()
    process = warm(pool, data)
    begin = time.monotonic()
    while time.monotonic() - begin < 2:
        assert pool.decode(data).shape == (1500, 2000, 3)
    assert pool.processes() == (process,)


def test_an_image_after_one_that_was_ended(start: Start, data: bytes) -> None:
    pool = start(1, Limits(seconds=1))
    assert kind(pool, many_scans()) == Kind.TIME
    assert pool.processes() == ()
    np.testing.assert_array_equal(pool.decode(data), make_pixels())


def test_a_process_that_does_not_answer_is_ended(start: Start, data: bytes) -> None:
    """As where processor time cannot be limited."""
    pool = start(1, Limits(seconds=0.2))
    process = warm(pool, data)
    os.kill(process, signal.SIGSTOP)
    assert kind(pool, data) == Kind.TIME
    assert not runs(process)


class GoneError(Exception):
    """A person who wanted the image has left."""


def gone() -> None:
    raise GoneError


def test_an_image_that_nobody_waits_for_is_given_up(start: Start, data: bytes) -> None:
    pool = start()
    process = warm(pool, data)
    with pytest.raises(GoneError):
        read_image(many_scans(), "endless.jpg", gone)
    assert not runs(process)
    np.testing.assert_array_equal(pool.decode(data), make_pixels())


def test_who_is_gone_gives_up_the_turn(start: Start, data: bytes) -> None:
    pool = start()
    process = warm(pool, data)
    os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(pool.decode, data)
        wait_until(lambda: not pool._free)
        with pytest.raises(GoneError):
            pool.decode(data, gone)
        assert not pool._waiting
        os.kill(process, signal.SIGCONT)
        np.testing.assert_array_equal(first.result(), make_pixels())
    np.testing.assert_array_equal(pool.decode(data), make_pixels())


def test_a_process_that_was_killed_is_replaced(start: Start, data: bytes) -> None:
    pool = start()
    process = warm(pool, data)
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: not runs(process))
    np.testing.assert_array_equal(pool.decode(data), make_pixels())
    assert process not in pool.processes()


@pytest.mark.parametrize(
    ("number", "found"), [(signal.SIGKILL, None), (signal.SIGSEGV, Kind.DAMAGED)]
)
def test_a_process_that_dies_at_work(
    number: int, found: Kind | None, start: Start, data: bytes
) -> None:
    """Killed by someone it is replaced; a decoder that crashes has had bad bytes."""
    pool = start()
    process = warm(pool, data)
    os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(pool.decode, data)
        wait_until(lambda: not pool._idle)
        time.sleep(0.1)
        os.kill(process, number)
        os.kill(process, signal.SIGCONT)
        if found is None:
            np.testing.assert_array_equal(asked.result(), make_pixels())
        else:
            with pytest.raises(RefusedError) as caught:
                asked.result()
            assert caught.value.kind == found


STAGES = ("the request begins", "half of it is sent", "the reply begins", "half of it is read")


@pytest.mark.parametrize("stage", STAGES)
def test_a_process_that_is_killed_at_each_stage_of_a_request_is_replaced(
    stage: str, start: Start, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = start()
    process = warm(pool, data)
    write, read = bounded.Worker._write, bounded.Worker._read

    def kill(worker: bounded.Worker) -> None:
        if worker.process.pid == process:
            os.kill(process, signal.SIGKILL)
            wait_until(lambda: not runs(process))

    def killed_write(worker: bounded.Worker, given: bytes) -> None:
        if stage == STAGES[0]:
            kill(worker)
        if stage == STAGES[1] and len(given) == len(data):
            write(worker, given[: len(given) // 2])
            kill(worker)
            given = given[len(given) // 2 :]
        write(worker, given)

    def killed_read(worker: bounded.Worker, found: np.ndarray) -> np.ndarray:
        if stage == STAGES[2] and found.ndim == 1:
            kill(worker)
        if stage == STAGES[3] and found.ndim == 3:
            half = found.reshape(-1)[: found.size // 2]
            read(worker, half)
            kill(worker)
            assert read(worker, found.reshape(-1)[found.size // 2 :]) is not None
            return found
        return read(worker, found)

    monkeypatch.setattr(bounded.Worker, "_write", killed_write)
    monkeypatch.setattr(bounded.Worker, "_read", killed_read)
    np.testing.assert_array_equal(pool.decode(data), make_pixels())
    assert not runs(process)
    np.testing.assert_array_equal(pool.decode(data), make_pixels())


def test_threads_get_their_own_images_from_few_processes(start: Start, encode: Encode) -> None:
    pool = start(2)
    images = [make_pixels(seed, 50 + seed, 70) for seed in range(8)]
    encoded = [encode(Image.fromarray(pixels), "PNG") for pixels in images]

    def read(number: int) -> Pixels:
        return pool.decode(encoded[number % 8])

    with ThreadPoolExecutor(8) as threads:
        for number, pixels in enumerate(threads.map(read, range(80))):
            np.testing.assert_array_equal(pixels, images[number % 8])
    assert len(pool.processes()) <= 2


def test_turns_are_in_order(start: Start, data: bytes) -> None:
    pool = start()
    process = warm(pool, data)
    os.kill(process, signal.SIGSTOP)
    done: list[int] = []

    def ask(number: int) -> None:
        pool.decode(data)
        done.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_until(lambda number=number: len(pool._waiting) == number)
        wait_until(lambda: pool._free == 0)
    os.kill(process, signal.SIGCONT)
    for thread in threads:
        thread.join()
    assert done == list(range(6))


def test_where_no_process_runs_there_is_a_sentence(
    start: Start, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    for program in ("/nowhere/python", "/bin/false"):
        monkeypatch.setattr(sys, "executable", program)
        with pytest.raises(ImageError, match="x was not decoded, since the process for it ended"):
            read_image(data, "x")


@pytest.mark.parametrize("reply", [(0, 60_000, 60_000), (0, 0, 9), (99, 1, 1)])
def test_replies_are_not_trusted(
    reply: tuple[int, int, int],
    start: Start,
    data: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / "taken_over.py"
    program.write_text(
        "import struct, sys, time\n"
        "sys.stdin.buffer.read(9)\n"
        f"sys.stdout.buffer.write(struct.pack('<BII', *{reply}) + bytes(99))\n"
        "sys.stdout.flush()\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(decoding, "__file__", str(program))
    pool = start()
    assert kind(pool, data) == Kind.DAMAGED
    assert pool.processes() == ()
