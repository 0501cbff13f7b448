"""Airflow's home in the local run: its settings with their secrets, its database, and who may read them."""

from __future__ import annotations

import configparser
import contextlib
import importlib.metadata
import json
import os
import sqlite3
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from local_airflow.settings import PASSWORD, USER, Secrets, Settings, UserError

_OTHERS = 0o077
"""Permissions of everyone but the owner."""
_SECRET_COLUMNS = {"connection": {"password": "is_encrypted", "extra": "is_extra_encrypted"},
                   "variable": {"val": "is_encrypted"}}  # fmt: skip
"""Of the tables of Airflow's database: the columns that can be encrypted, with the one that says whether they are."""


def make_folder(folder: Path, advice: str) -> None:
    """Creates a folder that can be written to. Raises UserError with the advice if that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"Cannot write to {folder} ({error.strerror}); {advice}.") from error


@contextlib.contextmanager
def private_files() -> Iterator[int]:
    """Files and folders that are created in the block, by services too, are their owner's only. Gives the umask that
    was in force, for services that write files for others."""
    before = os.umask(_OTHERS)
    try:
        yield before
    finally:
        os.umask(before)


def make_private(home: Path, *, but: frozenset[Path] = frozenset()) -> None:
    """Takes the permissions of others away from a home and all that is in it, except from the folders ``but``.

    Raises UserError if a file belongs to another user.
    """
    for folder, folders, files in os.walk(home):
        folders[:] = [name for name in folders if Path(folder, name) not in but]
        for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 - there may be many logs
            try:
                mode = os.lstat(path).st_mode
                if mode & _OTHERS and not stat.S_ISLNK(mode):
                    os.chmod(path, stat.S_IMODE(mode) & ~_OTHERS)  # noqa: PTH101
            except FileNotFoundError:  # a log that was just removed
                continue
            except OSError as error:
                raise UserError(
                    f"{path} cannot be made private ({error.strerror}); make it a file of yours."
                ) from error


def prepare_home(settings: Settings) -> None:
    """Writes Airflow's settings and the known login, and creates a database of the installed version. Connections and
    variables that an earlier version stored unencrypted are encrypted."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    settings.newsroom_sources.mkdir(parents=True, exist_ok=True)
    make_private(settings.home, but=settings.other_homes)
    key = write_settings(settings).fernet_key
    (settings.home / "passwords.json").write_text(json.dumps({USER: PASSWORD}))
    stamp, version = settings.home / "migrated", importlib.metadata.version("apache-airflow")
    if not (stamp.is_file() and stamp.read_text() == version and settings.has_database()):
        _migrate(settings)
        stamp.write_text(version)
    if settings.has_database():
        encrypt_secrets(settings.database_file, key)


def _migrate(settings: Settings) -> None:
    log = settings.logs / "migrate.log"
    with log.open("wb") as out:
        command = ["airflow", "db", "migrate"]
        done = subprocess.run(command, env=settings.environment(), stdout=out, stderr=out, check=False)
    if done.returncode:
        raise UserError(f"Airflow's database could not be created; see {log}.")


def write_settings(settings: Settings) -> Secrets:
    """Writes ``airflow.cfg`` with the secrets of an earlier one, or new ones; returns them."""
    file = settings.home / "airflow.cfg"
    earlier = configparser.ConfigParser()
    earlier.read(file, "utf-8")
    new = Secrets.new()
    kept = Secrets(
        token=earlier.get("api_auth", "jwt_secret", fallback="") or new.token,
        fernet_key=earlier.get("core", "fernet_key", fallback="") or new.fernet_key,
    )
    write_config(file, None, settings.airflow(kept))
    return kept


def write_config(file: Path, base: Path | None, changes: Mapping[str, Mapping[str, object]]) -> None:
    """Writes an ``airflow.cfg``, readable by its owner only: the values of another one, and changes by section."""
    config = configparser.RawConfigParser()
    if base:
        config.read(base, "utf-8")
    for section, values in changes.items():
        if not config.has_section(section):
            config.add_section(section)
        for name, value in values.items():
            config.set(section, name, str(value).replace("%", "%%"))
    file.touch(mode=0o600)
    file.chmod(0o600)
    with file.open("w", encoding="utf-8") as out:
        config.write(out)


def encrypt_secrets(database: Path, key: str) -> int:
    """Encrypts what Airflow's SQLite database has in clear: passwords and extras of connections, values of variables.

    Without a Fernet key, as earlier versions of the local run had none, Airflow stores them in clear. The file is
    compacted afterwards, because SQLite leaves the former values in it. Returns the number of values.
    """
    from cryptography.fernet import Fernet  # comes with Airflow

    fernet, changed = Fernet(key), 0
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection:
        for table, columns in _SECRET_COLUMNS.items():
            for column, mark in columns.items():
                clear = f"NOT coalesce({mark}, 0) AND coalesce({column}, '') != ''"
                rows = connection.execute(f"SELECT id, {column} FROM {table} WHERE {clear}").fetchall()
                values = [(fernet.encrypt(str(value).encode()).decode(), number) for number, value in rows]
                connection.executemany(f"UPDATE {table} SET {column} = ?, {mark} = 1 WHERE id = ?", values)
                changed += len(values)
        connection.commit()
        if changed:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return changed
