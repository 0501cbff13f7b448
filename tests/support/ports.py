"""Free ports for servers of a test's own."""

from __future__ import annotations

import os
import socket


def free_ports(count: int) -> int:
    """The first of so many free ports in a row; tests that run beside each other look at different ones first."""
    begin = 20000 + os.getpid() % 500 * 20
    for first in [*range(begin, 30000, count), *range(20000, begin, count)]:
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")
