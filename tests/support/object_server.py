"""A real object store on loopback, from a package of the registry; the one of :mod:`support.object_store` is a mock."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

from local_airflow import backends
from local_airflow.cluster import ClusterSettings
from local_airflow.services import Services
from support.object_store import Bucket
from support.ports import free_ports


@contextlib.contextmanager
def object_server(folder: Path) -> Iterator[Bucket]:
    """SeaweedFS with an empty bucket; its files and its log are below ``folder``."""
    usual = ClusterSettings.read({})
    settings = dataclasses.replace(usual, home=folder, first_port=free_ports(len(usual.servers)))
    environment = settings.environment()
    services = Services(folder, folder, {**os.environ, **environment})
    try:
        backends.start_object_store(services, folder / "objects", settings.servers)
        end = time.monotonic() + 60
        while not backends.make_bucket(environment):
            services.check()
            assert time.monotonic() < end, "the object store does not answer"
            time.sleep(0.3)
        access = {"access_key_id": environment["AWS_ACCESS_KEY_ID"], "region": environment["AWS_REGION"],
                  "secret_access_key": environment["AWS_SECRET_ACCESS_KEY"]}  # fmt: skip
        yield Bucket(environment["AWS_ENDPOINT_URL"], {**access, "endpoint": environment["AWS_ENDPOINT_URL"]})
    finally:
        services.stop()
