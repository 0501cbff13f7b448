"""The charset of pages that state none."""

from __future__ import annotations

import pytest

from klartext.extract.charset_guess import by_language, by_letters

RUSSIAN = "Старую мельницу на реке ремонтируют с понедельника, потому что крыша протекает, сообщил глава общины. "
JAPANESE = "川のほとりの古い水車は、屋根が漏れているため月曜日から修理されており、秋までに完成する予定です。"
CHINESE = "河边的老水车从星期一开始修缮,因为屋顶漏水,费用由村里和一个基金会承担,预计在秋天完工,大家都来看了。"
TAIWANESE = "河邊的老水車從星期一開始修繕,因為屋頂漏水,費用由村裡和一個基金會承擔,預計在秋天完工,大家都來看了。"
KOREAN = "강가의 오래된 물레방아가 지붕이 새서 월요일부터 수리되고 있으며 가을까지 완공될 예정이다. "
POLISH = "Stary młyn nad rzeką jest remontowany, bo dach przecieka, a krokwie trzeba wymienić; żółć, gęś, łąka, źle. "
FRENCH = "L’été dernier, le vieux moulin à eau a été réparé, parce que le toit était percé, près de la forêt à côté. "


@pytest.mark.parametrize(
    ("text", "charset", "language"),
    [
        (RUSSIAN, "cp1251", "ru"), (RUSSIAN, "koi8_r", "ru"), (JAPANESE, "cp932", "ja"), (JAPANESE, "euc_jp", "ja"),
        (CHINESE, "gb18030", "zh"), (TAIWANESE, "big5hkscs", "zh"), (KOREAN, "cp949", "ko"), (POLISH, "cp1250", "pl"),
        (POLISH, "iso8859_2", "pl"),
    ],
)  # fmt: skip
def test_the_language_names_the_charset(text: str, charset: str, language: str) -> None:
    body = (text * 5).encode(charset)
    assert by_language(body, language) == charset
    assert charset in (by_letters(body), "cp1250", "iso8859_2")


def test_a_text_in_latin_letters_is_none_of_them() -> None:
    assert by_letters((FRENCH * 9).encode("cp1252")) is None
    assert by_letters((POLISH * 9).encode("cp1250")) is None
    assert by_letters(bytes(range(128, 256)) * 20) is None
    assert by_language(b"x", "fr") is None
