"""Words, folded, and quotations."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.link import words


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("Die Straße nach Café Zürich", "die strasse nach cafe zurich"),
        ("Mini\u00adster u\u0308ber ﬁnale", "Minister über finale"),
        ("can’t stop — 1.000 Euro", "can't stop - 1,000 euro"),
        ("ｶﾞｽ料金", "ガス料金"),
        ("كِتَاب جديد", "كتاب جديد"),
        ("ΟΔΟΣ Άθήνα", "οδος αθηνα"),
    ],
)
def test_two_writings_of_a_passage_have_the_same_words(one: str, another: str) -> None:
    assert words.split(one).folded == words.split(another).folded


def test_vowel_signs_tell_words_apart() -> None:
    assert words.split("हिन्दी में").folded == ["हिन्दी", "में"]
    assert len(words.split("ดี ดู").folded) == 2
    assert len(set(words.split("ดี ดู").folded)) == 2


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Der Rat hat beschlossen, was 漢字 heißt.", 5),
        ("議会は昨日、新しい法律を可決した。", 12),
        ("국회는 어제 법을 통과시켰다", 12),
        ("สภาผ่านกฎหมายใหม่เมื่อวานนี้", 12),
        ("", 5),
        ("¡¿…", 5),
    ],
)
def test_scripts_without_spaces_have_longer_shingles(text: str, size: int) -> None:
    assert words.split(text).size == size


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Er sagt: „Wir gehen heute.“ Dann ging er.", "wir gehen heute"),
        ("He said “we are leaving” and left.", "we are leaving"),
        ('Sie nannte das "ein Wagnis" und »eine Chance«.', "ein wagnis eine chance"),
        ("Il dit « nous partons » et part.", "nous partons"),
        ("彼は「行く」と言った", "行 く"),
        ("Er sagt: „Wir gehen\nund mehr nicht.", "wir gehen"),
        ('Ein Rohr von 5" Weite\nist dick.', "weite"),
        ("Nichts ist zitiert’ oder ‚doch‘. Ende” hier.", "hier"),
        ("„“ leer", ""),
    ],
)
def test_words_between_quotation_marks(text: str, quoted: str) -> None:
    found = words.split(text)
    ends = zip(found.quoted[::2], found.quoted[1::2], strict=True)
    assert " ".join(word for start, stop in ends for word in found.folded[start:stop]) == quoted


@given(st.text(max_size=200) | st.text("„“”»«\"'aß \n漢カ", max_size=60))
def test_any_text_has_positions_for_its_words(text: str) -> None:
    found = words.split(text)
    plain = words.normalized(text)
    spans = words.spans(plain)
    assert [words.fold(plain[start:end]) for start, end in spans] == found.folded
    assert all(one[1] <= another[0] for one, another in itertools.pairwise(spans))
    assert len(found.quoted) % 2 == 0
    assert found.quoted == sorted(found.quoted)
    assert all(0 <= place <= len(found.folded) for place in found.quoted)
    assert words.split(unicodedata.normalize("NFC", text)).folded == found.folded
