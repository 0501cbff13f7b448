"""What a lake holds: numbers by source and month, and pictures of them."""

from klartext.report.numbers import Numbers, SourceNumbers, collect
from klartext.report.write import FORMATS, write_report

__all__ = ["FORMATS", "Numbers", "SourceNumbers", "collect", "write_report"]
