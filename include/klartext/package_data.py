"""Reads the YAML files of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Libyaml's, where PyYAML has it, takes a tenth of the time, and every process reads these files. It does not survive
deep nesting: what people write is read by :func:`yaml.safe_load`."""


def read_yaml(module: str, name: str) -> Any:
    """The content of the file ``name`` beside a module; ``module`` is the module's ``__file__``."""
    return yaml.load((Path(module).parent / name).read_text("utf-8"), _LOADER)
