"""Looking at the tokens of a text, by place."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

from klartext.dates import words
from klartext.dates.tokens import Token

_BETWEEN = frozenset(',-|·•/@()[];:."')


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """What decides about ambiguous writings.

    ``order`` is ``dmy``, ``mdy``, ``ymd`` or None for unknown; ``latest`` is a day after which no date is meant;
    ``zone`` is the publisher's.
    """

    zone: ZoneInfo
    language: str | None
    order: str | None
    latest: dt.date | None


class Cursor:
    """The tokens, with empty answers for a place where there is none."""

    def __init__(self, tokens: list[Token], context: Context) -> None:
        self.tokens = tokens
        self.context = context
        self.months = words.months_in(context.language)
        self.weekdays, self.fillers = words.all_weekdays(), words.fillers()

    def text(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def number(self, i: int) -> int | None:
        return self.tokens[i].number if 0 <= i < len(self.tokens) else None

    def digits(self, i: int) -> int:
        return self.tokens[i].digits if 0 <= i < len(self.tokens) else 0

    def glued(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].glued

    def skip(self, i: int, *, weekday: bool) -> int:
        for _ in range(5):
            text = self.text(i)
            if not text or not (text in _BETWEEN or text in self.fillers or (weekday and text in self.weekdays)):
                break
            i += 1
        return i
