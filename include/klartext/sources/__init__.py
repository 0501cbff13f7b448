"""Source files: the settings and rules for each publisher, validated when they are read.

:mod:`klartext.sources.model` declares the keys, :mod:`klartext.sources.files` reads the files,
:mod:`klartext.sources.time_zones` has the time zones of publishers without a file.
"""

from klartext.sources.files import (
    DEFAULT_DIRECTORIES,
    OTHER,
    PROJECT,
    SourceError,
    directories,
    find_by_host,
    has_file,
    load,
    load_usable,
    of_slug,
    of_url,
    read,
)
from klartext.sources.model import (
    Addresses,
    Css,
    CssValue,
    Discover,
    Fetching,
    Layout,
    Source,
    TeaserRules,
    split_value,
)
from klartext.sources.ownership import UNKNOWN, owner, page_source, site_source
from klartext.sources.time_zones import zone_of_country, zone_of_domain

__all__ = [
    "DEFAULT_DIRECTORIES",
    "OTHER",
    "PROJECT",
    "UNKNOWN",
    "Addresses",
    "Css",
    "CssValue",
    "Discover",
    "Fetching",
    "Layout",
    "Source",
    "SourceError",
    "TeaserRules",
    "directories",
    "find_by_host",
    "has_file",
    "load",
    "load_usable",
    "of_slug",
    "of_url",
    "owner",
    "page_source",
    "read",
    "site_source",
    "split_value",
    "zone_of_country",
    "zone_of_domain",
]
