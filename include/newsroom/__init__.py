"""A small press of our own: four fictional publishers on loopback, for the demo and for tests.

Its time stands still: everything was published on three days of May 2024. A request with ``Accept-Datetime``
(RFC 7089) sees the state of that moment, one without it the state of the press's last moment.

>>> with newsroom.serve() as press:                # four free ports
...     folder = press.sources(tmp_path)           # source files with these ports, for KLARTEXT_SOURCES
...     requests.get(press.url("kontorblatt", "/feed"))
...     press.request_log                          # what was asked so far
"""

from newsroom.model import LAST_MOMENT, Article, Site, load
from newsroom.server import Asked, PortTaken, Press, serve

__all__ = ["LAST_MOMENT", "Article", "Asked", "PortTaken", "Press", "Site", "load", "serve"]
