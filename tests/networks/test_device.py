"""Where a network computes; the tests on another device have a process of their own.

PyTorch knows a device from its first mention to the end of the process, and the hooks of the fake
one take part in each operation.
"""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).with_name("on_fake_gpu.py")


def test_on_a_device_that_is_not_the_cpu() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TESTS)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "31 passed" in ended.stdout
