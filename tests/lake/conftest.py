"""Places for a lake: a folder, and a bucket of an object store on loopback."""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from klartext.lake import Lake

Place = Callable[[str], Lake]


@dataclasses.dataclass(frozen=True)
class Bucket:
    """An S3 bucket: its server's address, and what it takes to be let in."""

    endpoint: str
    access: dict[str, str]

    def lake(self, name: str) -> Lake:
        return Lake.open(f"s3://klartext/{name}", self.access)


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    found = Bucket(
        f"http://{host}:{port}",
        {
            "access_key_id": "key",
            "secret_access_key": "secret",
            "region": "us-east-1",
            "endpoint": f"http://{host}:{port}",
        },
    )
    client = boto3.client(
        "s3", endpoint_url=found.endpoint, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="klartext")
    yield found
    server.stop()


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
