"""Writes `.env` for compose.yaml, with secrets of its own: what `make secrets` runs, once.

Run as a script, by any Python from 3.8 on.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FERNET_KEY = "KLARTEXT_FERNET_KEY"
SECRETS = ("KLARTEXT_PASSWORD", "KLARTEXT_SECRET", FERNET_KEY, "KLARTEXT_DATABASE_PASSWORD", "KLARTEXT_BROKER_PASSWORD")


def filled(example: str) -> str:
    """The text of an example with a random value for every secret that has none."""
    lines = []
    for line in example.splitlines():
        name, _, value = line.partition("=")
        lines.append(f"{name}={_secret(name)}" if name in SECRETS and not value else line)
    return "\n".join(lines) + "\n"


def _secret(name: str) -> str:
    """A value that may stand in a URL and in a file of settings without quotes."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode() if name == FERNET_KEY else secrets.token_hex(24)


def main(folder: Path = PROJECT) -> str | None:
    """Writes the file, readable by its owner only; None if that was done, else why not."""
    target = folder / ".env"
    text = filled((folder / ".env.example").read_text("utf-8"))
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return f"{target} exists and is left as it is: Airflow could not read what it stored with the former secrets."
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{target} is written; the password of the UI is KLARTEXT_PASSWORD in it.")
    return None


if __name__ == "__main__":
    sys.exit(main())
