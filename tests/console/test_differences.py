"""Differences by words."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from klartext.console.differences import differences

WORDS = st.lists(st.sampled_from(["Der", "Deich", "wird", "höher.", "\n", "zwei", "Meter"]), max_size=30).map(" ".join)


def side(before: str, after: str, kind: str) -> str:
    return "".join(part.text for part in differences(before, after) if part.kind in ("same", kind))


@given(WORDS, WORDS)
def test_both_texts_can_be_read_from_the_parts(before: str, after: str) -> None:
    assert side(before, after, "added").split() == after.split()
    assert side(before, after, "removed").split() == before.split()


def test_one_word_is_marked_and_the_rest_is_the_same() -> None:
    parts = differences("Der Deich wird zwei Meter höher.\nEnde", "Der Deich wird drei Meter höher.\nEnde")
    assert [(part.kind, part.text.strip()) for part in parts] == [
        ("same", "Der Deich wird"), ("removed", "zwei"), ("added", "drei"), ("same", "Meter höher.\nEnde"),
    ]  # fmt: skip


def test_long_texts_do_not_take_the_square_of_their_length() -> None:
    before, after = ("\n".join(f"{word}{n} " * 30 for n in range(20_000)) for word in ("alt", "neu"))
    start = time.process_time()
    differences(before, after)
    differences("x " * 200_000, "y " * 200_000)
    assert time.process_time() - start < 20
