"""Where the console is in Airflow: its address, and the entries of Airflow's own pages that lead to it.

Imports nothing that takes long, because every component of Airflow loads the plugin.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from airflow.configuration import conf

URL_PREFIX = "/console"
"""Where :mod:`klartext_airflow.console_app` is mounted."""

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{colour}" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round"><path d="M4 5h16M4 10h10M4 15h6"/><path d="m13 17 3 3 5-6"/></svg>'
)


def _icon(colour: str) -> str:
    return "data:image/svg+xml," + quote(_ICON.format(colour=colour))


def console_path() -> str:
    """The path of the console, with that of Airflow's own address before it."""
    return urlsplit(str(conf.get("api", "base_url", fallback=""))).path.rstrip("/") + URL_PREFIX


def external_views() -> list[dict[str, Any]]:
    """An entry in the navigation, and tabs of DAGs and runs. Airflow replaces the names in braces."""
    path, icons = console_path(), {"icon": _icon("#3f4650"), "icon_dark_mode": _icon("#dde3ea")}
    return [
        icons | {"name": name, "destination": place, "href": f"{path}/{href}", "url_route": route, "nav_top_level": top}
        for name, place, href, route, top in (
            ("Klartext", "nav", "", "klartext", True),
            ("Source", "dag", "dag/{DAG_ID}", "klartext-source", False),
            ("Batch", "dag_run", "dag/{DAG_ID}/run/{RUN_ID}", "klartext-batch", False),
        )
    ]
