"""How many sockets a process may have open, tried in one of its own."""

import subprocess
import sys

import pytest

LOWERED = """
import resource
from agent_server.capacity.open_files import raise_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))
raise_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize("hard", [256, 700])
def test_as_many_as_the_system_allows(hard: int) -> None:
    done = subprocess.run([sys.executable, "-c", LOWERED.format(hard=hard)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(hard), str(hard)]
