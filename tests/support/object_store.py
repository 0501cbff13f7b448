"""An object store on loopback."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator

import pytest

from klartext.lake import Lake


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
    access = {"access_key_id": "key", "secret_access_key": "secret", "region": "eu-central-1"}
    client = boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name=access["region"],
        aws_access_key_id=access["access_key_id"], aws_secret_access_key=access["secret_access_key"],
    )  # fmt: skip
    client.create_bucket(Bucket="klartext", CreateBucketConfiguration={"LocationConstraint": access["region"]})
    yield Bucket(f"http://{host}:{port}", {**access, "endpoint": f"http://{host}:{port}"})
    server.stop()
