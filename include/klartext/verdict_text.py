"""The verdict of a batch in words: what is wrong, which pages show it, what to do.

For the command line, the quality page, the console and messages. It imports nothing, so that it can be used anywhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class VerdictText:
    """The parts of a verdict. All are empty for a batch that passed.

    Attributes:
        what: what is wrong, as one line.
        pages: addresses of some of the pages that show it.
        to_do: what to do, each a sentence with the command to copy.
    """

    what: str = ""
    pages: tuple[str, ...] = ()
    to_do: tuple[str, ...] = ()

    def pages_line(self, most: int = 3) -> str:
        """At most so many of the addresses; empty without any."""
        return f"Pages that show it: {', '.join(self.pages[:most])}" if self.pages else ""

    def sentence(self, most: int = 3) -> str:
        """All of it as one line, with at most so many addresses; empty for a batch that passed."""
        return ". ".join(part for part in (self.what, self.pages_line(most), *self.to_do) if part)


def describe_verdict(account: Mapping[str, Any]) -> VerdictText:
    """The verdict of an account, a row of ``batches`` as a mapping. What refuses the batch comes first.

    An account of a version before there were findings has its reasons or the codes of its warnings only.
    """
    found: Sequence[Mapping[str, Any]] = account.get("findings") or ()
    if not found:
        return VerdictText("; ".join([*(account.get("reasons") or ()), *(account.get("warnings") or ())]))
    ordered = sorted(found, key=lambda finding: finding["severity"] != "critical")
    return VerdictText(
        what="; ".join(finding["what"] for finding in ordered),
        pages=tuple(dict.fromkeys(url for finding in ordered for url in finding["pages"] or ())),
        to_do=tuple(dict.fromkeys(finding["to_do"] for finding in ordered if finding["to_do"])),
    )
