"""Places for a lake: a folder, and a bucket of an object store on loopback."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from klartext.lake import Lake
from support.object_store import Bucket

Place = Callable[[str], Lake]


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Opens lakes of the test's own by name, each as often as one likes: on a disk, and in an object store."""
    if request.param == "disk":
        return lambda name: Lake.open(str(tmp_path / name))
    bucket: Bucket = request.getfixturevalue("bucket")
    own = uuid.uuid4().hex
    return lambda name: bucket.lake(f"{own}/{name}")


@pytest.fixture
def lake(place: Place) -> Lake:
    return place("lake")
