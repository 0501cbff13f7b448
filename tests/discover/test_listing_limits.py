"""What a feed or sitemap of any shape may cost: memory by the size of the body, and time in proportion to it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

MIB = 1 << 20
READ = """
import datetime as dt, json, resource, sys
from zoneinfo import ZoneInfo
from klartext.crawler import ServedResponse
from klartext.discover.read_listing import read
body = eval(sys.argv[1])
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
found = read(ServedResponse("https://b.de/x", "text/xml", body), ZoneInfo("Europe/Berlin"), dt.datetime.now(dt.UTC))
print(json.dumps([len(found.entries), found.problem, dict(found.skipped)]))
"""
ENTRY = "b'<url><loc>https://b.de/1</loc></url></urlset>'"


@pytest.mark.skipif(sys.platform != "linux", reason="reads how much memory a process uses from /proc")
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("b'<urlset>' + b'<x/>' * (2 << 20) + b'</urlset>'", [0, "too-many-elements", {}]),
        ("b'<urlset><url>' + b'<a>b</a>' * (1 << 20) + b'</url></urlset>'",
         [0, "too-many-elements", {"entry-beyond-limit": 1}]),
        ("b'<urlset>' + b'<br' * (2 << 20)", [0, "sitemap-cut", {}]),
        ("b'<urlset ' + b' '.join(b'a%d=\"1\"' % n for n in range(700_000)) + b'>' + " + ENTRY, [1, None, {}]),
        ("b'<urlset ' + b' '.join(b'xmlns:a%d=\"u\"' % n for n in range(400_000)) + b'>' + " + ENTRY, [1, None, {}]),
        ("b'<rss><channel>' + b'<' * (8 << 20)", [0, "feed-cut", {}]),
        ("b'<rss><channel><item><title>' + b'&' * (4 << 20)", [0, "feed-cut", {}]),
        ("b'<rss><channel>' + b'<item>' * 300_000", [0, "feed-cut", {}]),
    ],
)  # fmt: skip
def test_eight_mebibytes_of_anything_cost_little(body: str, found: list[object]) -> None:
    command = [sys.executable, "-c", READ, body, str(192 * MIB)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == found
