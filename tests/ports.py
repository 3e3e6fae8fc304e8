"""
Free ports for servers that run in a process of their own.
"""

from __future__ import annotations

import random
import socket
from contextlib import suppress

# Below the ports that Linux and macOS assign to a socket that binds to port 0, as the other test
# servers do. Otherwise another test could take the port before the process binds to it.
PORTS = range(20000, 30000)

# Independent of `random.seed`: two test runs with the same seed would use the same ports.
RANDOM = random.SystemRandom()


def free_port() -> int:
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = RANDOM.choice(PORTS)
            probe.bind(("127.0.0.1", port))
            return port
