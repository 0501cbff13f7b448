"""Dates of the web, read to the precision that they have: from feeds, sitemaps, pages and WARC files.

:func:`parse` reads a whole value or returns None; it never takes the beginning and drops the rest.
:func:`find_in_text` finds the dates in a line of visible text.

Why no library: dateparser 1.5 needs a second for a text that holds no date, guesses the order of day and month, and
takes a time from the clock of the machine; htmldate finds days only.
"""

from klartext.dates.moment import Moment, Precision
from klartext.dates.reader import Found, day_order, find_in_text, parse

__all__ = ["Found", "Moment", "Precision", "day_order", "find_in_text", "parse"]
