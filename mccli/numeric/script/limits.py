"""What the child process allows itself. Each limit is set where the system knows it."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
from pathlib import Path

try:
    import fcntl
    import resource
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
    resource = None  # type: ignore[assignment]

HIGH_DESCRIPTOR = 800
LEAST_MEMORY = 4 << 30
"""An address space: libraries reserve far more than they use."""
GRACE_SECONDS = 30
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def out_of_reach(descriptor: int) -> int:
    """The same descriptor under a high number, where scripts that close "all" low ones do not find it."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    lowest = min(HIGH_DESCRIPTOR, most - 16) if most != resource.RLIM_INFINITY else HIGH_DESCRIPTOR
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(lowest, 32))
    os.close(descriptor)
    return high


def default_memory() -> int:
    """Half of the memory of this machine or container, but never a limit that NumPy itself does not fit in."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0
    with contextlib.suppress(OSError, ValueError):  # no such file, or "max"
        total = min(total, int(CGROUP_LIMIT.read_text()))
    return max(total // 2, LEAST_MEMORY)


def limit_memory(size: int) -> None:
    """At most ``size`` bytes of address space (0: no limit), and no core files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if not size:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    size = size if hard == resource.RLIM_INFINITY else min(size, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))
    except (ValueError, OSError):  # macOS refuses
        return


def last_alarm(seconds: float) -> None:
    """The system ends this process some time after ``seconds``, in case nobody is left who would; 0 takes it back."""
    signal.alarm(int(seconds) + GRACE_SECONDS if seconds else 0)


def say_where_on_fault(descriptor: int) -> None:
    """Write the stack to ``descriptor`` on a crash, and when mc asks by SIGUSR1, even inside compiled code."""
    faulthandler.enable(descriptor, all_threads=False)
    faulthandler.register(signal.SIGUSR1, descriptor, all_threads=False)
