"""``python -m newsroom``: serves the newsroom on loopback until it is stopped."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from newsroom.model import FIRST_PORT, HOST, load
from newsroom.server import PortTaken, serve


def first_port(text: str) -> int:
    """A port that leaves room for the sites after the first. Anything else is refused."""
    highest = 65536 - len(load())
    if not text.isdecimal() or not 0 < int(text) <= highest:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {highest}, not {text!r}")
    return int(text)


def main() -> int:
    """Serves until SIGTERM or SIGINT; 1 if a port is taken."""
    parser = argparse.ArgumentParser(prog="python -m newsroom", description="Four fictional publishers on loopback.")
    parser.add_argument(
        "--port",
        type=first_port,
        default=os.environ.get("KLARTEXT_NEWSROOM_PORT") or str(FIRST_PORT),  # a text, so that it is checked too
        help="port of the first site, the others follow it (default: KLARTEXT_NEWSROOM_PORT or %(default)s)",
    )
    parser.add_argument("--sources", type=Path, metavar="DIR", help="write the source files with these ports into DIR")
    parser.add_argument("--host", default=HOST, help="name of this machine in addresses (default: %(default)s)")
    options = parser.parse_args()
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the servers' threads, which inherit it
    try:
        with serve(range(options.port, options.port + len(load())), host=options.host) as press:
            if options.sources:
                press.sources(options.sources)
            for site in load():
                print(f"{site.name:<16} {press.url(site.slug)}", flush=True)
            signal.sigwait(stop)
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
