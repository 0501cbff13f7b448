"""Dates of the web: the forms that are read, the precision that they have, and what is no date."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext import dates
from klartext.dates import iso, reader, words

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2024, 6, 20, 12, 0, tzinfo=dt.UTC)


SECONDS = """
    2024-05-14T10:30:00+02:00  ;  2024-05-14T08:30:00Z  ;  2024-05-14t08:30:00z  ;  20240514T083000Z
    2024-05-14 08:30:00Z  ;  2024-05-14T10:30:00+0200  ;  2024-05-14T10:30:00+02  ;  2024-05-14T10:30:00.123+02:00
    2024-05-14T10:30:00,5+02:00  ;  2024-05-14T10:30:00  ;  2024-05-14T10:30:00[Europe/Berlin]
    2024-05-14T08:30:00 GMT  ;  2024-05-14 08:30:00 UTC  ;  2024-05-14T10:30:00 CEST  ;  2024-05-14 10:30:00 MESZ
    20240514103000  ;  2024/05/14 10:30:00  ;  2024-5-14 10:30:00  ;  14.05.2024 10:30:00
    14.5.2024, 10:30:00 Uhr  ;  14-05-2024 10:30:00  ;  2024-05-14T03:30:00-0500
    Tue, 14 May 2024 10:30:00 +0200  ;  Tue, 14 May 2024 08:30:00 GMT  ;  Tuesday, 14-May-24 08:30:00 GMT
    Di, 14 Mai 2024 10:30:00 +0200  ;  mar., 14 mai 2024 10:30:00 +0200  ;  Tue May 14 10:30:00 2024
    Tue May 14 10:30:00 CEST 2024  ;  Tue, 14 May 2024 04:30:00 EDT  ;  Tue, 14 May 2024 01:30:00 PDT
    Tue May 14 2024 10:30:00 GMT+0200 (Central European Summer Time)  ;  1715675400  ;  1715675400000
    1715675400.25  ;  May 14, 2024 10:30:00 AM  ;  05/14/2024 10:30:00 AM  ;  2024-05-14 08:30:00 +0000 UTC
    2024-05-14T10:30:00.000+02:00Z  ;  2024-05-14 10:30:00 +0200 CEST
    2024-05-14T10:30:00+02:00[Europe/Berlin]
    2024-05-14T10:30:00 02:00  ;  2024-05-14T10:30:00.000 0200  ;  /Date(1715675400000)/  ;  /Date(1715675400000+0200)/
    @1715675400  ;  2024-5-14T10:30:0+02:00  ;  2024-05-14 10:30:0  ;  Sal, 14 May 2024 11:30:00 +0300
    wto., 14 maj 2024 10:30:00 +0200  ;  Xyz, 14 May 2024 10:30:00 +0200
    @1715675400  ;  2024-W20-2T10:30:00+02:00  ;  2024-135T10:30:00+02:00  ;  2024:05:14 10:30:00
    2024-05-14 T10:30:00+02:00
"""

MINUTES = """
    14. Mai 2024, 10:30 Uhr  ;  14 Mai 2024 10.30 Uhr  ;  Dienstag, 14. Mai 2024 um 10:30 Uhr
    14.05.24, 10.30 Uhr  ;  14 May 2024 10:30  ;  10:30, 14 May 2024  ;  May 14, 2024 at 10:30 a.m.
    May 14th, 2024 4:30 AM EDT  ;  14 May 2024 9.30am BST  ;  14 mai 2024 à 10h30  ;  mardi 14 mai 2024 à 10 h 30
    14 de mayo de 2024, 10:30  ;  14 de mayo de 2024 a las 10:30  ;  14 maggio 2024 alle 10:30
    14 maggio 2024 ore 10.30  ;  14 mei 2024 om 10:30  ;  14 de maio de 2024 às 10h30  ;  14 maja 2024, 10:30
    14 maja 2024 godz. 10:30  ;  14 Mayıs 2024 10:30  ;  14. maj 2024 kl. 10.30  ;  14 maj 2024 kl 10:30
    14. mai 2024 kl. 10:30  ;  14.5.2024 klo 10.30  ;  14. května 2024 10:30  ;  14. května 2024 v 10:30
    14 мая 2024, 10:30  ;  14 мая 2024 в 10:30  ;  14 травня 2024, 10:30  ;  14 травня 2024 р. о 10:30
    14 Μαΐου 2024, 10:30  ;  2024年5月14日 10:30  ;  2024年05月14日10:30  ;  2024年5月14日 上午10:30
    2024年5月14日10時30分  ;  2024年5月14日（火）10時30分  ;  2024-05-14 10:30  ;  2024년 5월 14일 오전 10:30
    2024년 5월 14일 10시 30분  ;  2024.05.14. 오전 10:30  ;  2024. május 14. 10:30  ;  14 พ.ค. 2567 10:30 น.
    14/05/2024 10:30  ;  14/05/2024 - 10h30  ;  14-05-2024 10:30  ;  ٢٠٢٤/٠٥/١٤ ١٠:٣٠  ;  14 mai 2024, ora 10:30
    14.05.2024 / 10:30  ;  14. Mai 2024 um 10 Uhr 30  ;  14 mai 2024 à 10 heures 30  ;  14 maja 2024 r., 10:30
    14. mai 2024 kell 10:30  ;  2024. gada 14. maijs, plkst. 10:30
"""

DAYS = """
    2024-05-14  ;  2024-5-14  ;  2024/05/14  ;  2024.05.14  ;  20240514  ;  2024-W20-2  ;  2024W202  ;  2024-135
    14.05.2024  ;  14.5.24  ;  14. 5. 2024  ;  14 Mai 2024  ;  14. Mai 2024  ;  14.Mai.2024  ;  14 May 2024
    14th of May, 2024  ;  May 14, 2024  ;  May 14th 2024  ;  14-May-2024  ;  2024-May-14  ;  14 mai 2024
    le 14 mai 2024  ;  14 de mayo de 2024  ;  mayo 14, 2024  ;  14 maggio 2024  ;  14 mei 2024
    14 de maio de 2024  ;  14 maja 2024  ;  14 Mayıs 2024  ;  14. maj 2024  ;  14. mai 2024  ;  14. toukokuuta 2024
    14. května 2024  ;  14. mája 2024  ;  14 мая 2024 г.  ;  14 травня 2024  ;  14 Μαΐου 2024  ;  2024年5月14日
    2024年5月14日 星期二  ;  令和6年5月14日  ;  民國113年5月14日  ;  113年5月14日  ;  24年5月14日  ;  24년 5월 14일
    2024년 5월 14일  ;  2024. május 14.
    14 tháng 5, 2024  ;  ngày 14 tháng 5 năm 2024  ;  ١٤ مايو ٢٠٢٤  ;  14 أيار 2024  ;  14 พฤษภาคม 2567
    ۲۵ اردیبهشت ۱۴۰۳  ;  14 मई 2024  ;  14 במאי 2024  ;  2024 m. gegužės 14 d.  ;  14 Mei 2024  ;  05/14/2024
    14/05/2024  ;  Tue, 14 May 2024  ;  14. svibnja 2024.  ;  14. maja 2024  ;  2024-05-14Z  ;  2024-05-14+02:00
"""


def forms(listed: str) -> list[str]:
    """The forms of a list, which are separated by lines or semicolons."""
    return [form.strip() for line in listed.splitlines() for form in line.split(";") if form.strip()]


def read(text: object, zone: ZoneInfo = BERLIN, **more: object) -> tuple[str, str] | None:
    moment = dates.parse(text, zone=zone, now=NOW, **more)  # type: ignore[arg-type]
    return (moment.at.strftime("%Y-%m-%dT%H:%M:%S"), moment.precision) if moment else None


@pytest.mark.parametrize("text", forms(SECONDS))
def test_a_time_to_the_second(text: str) -> None:
    assert read(text) == ("2024-05-14T08:30:00", "second")


@pytest.mark.parametrize("plus", ["&#43;", "&#x2B;", "&plus;"])
def test_a_time_that_was_escaped_twice(plus: str) -> None:
    assert read(f"2024-05-14T10:30:00{plus}02:00") == ("2024-05-14T08:30:00", "second")


@pytest.mark.parametrize("text", forms(MINUTES))
def test_a_time_to_the_minute_in_many_languages(text: str) -> None:
    assert read(text) == ("2024-05-14T08:30:00", "minute")


@pytest.mark.parametrize("text", forms(DAYS))
def test_a_day_in_many_languages_begins_at_the_publishers_place(text: str) -> None:
    assert read(text) == ("2024-05-13T22:00:00", "day")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("af", "Dinsdag 14 Mei 2024"), ("az", "14 may 2024"), ("be", "14 мая 2024"), ("bn", "মঙ্গলবার, ১৪ মে ২০২৪"),
        ("ca", "14 de maig del 2024"), ("cy", "14 Mai 2024"), ("eu", "2024ko maiatzaren 14a"),
        ("fa", "۲۵ اردیبهشت ۱۴۰۳"),
        ("fa", "1403/02/25"),
        ("fa", "1403-02-25"),
        ("th", "2567-05-14"),
        ("fi", "ti 14.5.2024"),
        ("ja", "2024年5月14日(火)"),
        ("de", "14.05.2024 (Di.)"),
        ("de", "2024-05-14+02:00"),
        ("de", "2024-05-14Z"),
        ("fil", "ika-14 ng Mayo, 2024"), ("ga", "14 Bealtaine 2024"), ("gl", "14 de maio de 2024"), ("gu", "14 મે 2024"),
        ("ha", "14 Mayu 2024"), ("he", "14 במאי 2024"), ("hi", "१४ मई २०२४"), ("hy", "14 մայիսի, 2024"),
        ("id", "Selasa, 14 Mei 2024"), ("ka", "14 მაისი, 2024"), ("kk", "2024 жылғы 14 мамыр"), ("km", "14 ឧសភា 2024"),
        ("kn", "14 ಮೇ 2024"), ("lt", "2024 m. geg. 14 d."), ("lv", "2024. gada 14. maijs"), ("mk", "14 мај 2024"),
        ("ml", "14 മേയ് 2024"), ("mn", "2024 оны 5 сарын 14"), ("mn", "2024 оны 05-р сарын 14"), ("mr", "14 मे 2024"),
        ("mt", "14 Mejju 2024"), ("my", "14 မေ 2024"), ("ne", "14 मे 2024"), ("pa", "14 ਮਈ 2024"), ("ps", "14 مۍ 2024"),
        ("si", "2024 මැයි 14"), ("sq", "14 Maj 2024"), ("sr", "14. maj 2024."), ("sw", "Jumanne, 14 Mei 2024"),
        ("ta", "14 மே 2024"), ("te", "14 మే 2024"), ("th", "วันอังคารที่ 14 พฤษภาคม พ.ศ. 2567"), ("th", "14 พ.ค. 67"),
        ("tk", "14 maý 2024"), ("ur", "14 مئی 2024"), ("uz", "2024-yil 14-may"), ("vi", "Thứ Ba, 14/5/2024"),
        ("zh", "二〇二四年五月十四日"), ("en", "May 14 '24"), ("en", "14 th May 2024"), ("es", "14ero de mayo de 2024"),
    ],
)  # fmt: skip
def test_a_day_in_the_languages_of_the_page(language: str, text: str) -> None:
    moment = dates.parse(text, zone=BERLIN, now=NOW, language=language)
    assert moment is not None
    assert moment.at.isoformat() == "2024-05-13T22:00:00+00:00"


@pytest.mark.parametrize(
    ("language", "text", "month"),
    [("sr", "1. jun 2023", 6), ("sr", "1. dec 2023", 12), ("sr", "1. септ. 2023", 9), ("sr", "1. децембар 2023", 12),
     ("hr", "1. lis. 2023.", 10), ("hr", "1. listopadu 2023", 10), ("cs", "1. listopadu 2023", 11),
     ("hi", "1 जून 2023", 6),
     ("hi", "1 जन॰ 2023", 1), ("id", "1 Maret 2023", 3), ("he", "1 ינו׳ 2023", 1), ("bg", "1 яну. 2023", 1),
     ("my", "1 ဇန်နဝါရီ 2023", 1), ("my", "1 ဇွန် 2023", 6), ("lt", "2023 m. kov. 1 d.", 3),
     (None, "1 decembar 2023", 12),
     (None, "1 kov 2023", None), ("zh", "二〇二三年十一月一日", 11), ("zh", "二零二三年十月一日", 10)],
)  # fmt: skip
def test_names_of_months_mean_what_they_mean_in_their_language(
    language: str | None, text: str, month: int | None
) -> None:
    moment = dates.parse(text, zone=ZoneInfo("UTC"), now=NOW, language=language)
    assert (moment and moment.at.date()) == (month and dt.date(2023, month, 1))


@pytest.mark.parametrize(
    "text",
    ["2024-05-14T00:00:00Z", "2024-05-14T00:00:00+02:00", "2024-05-14T00:00:00-04:00", "2024-05-13T22:00:00Z",
     "2024-05-14 00:00", "2024-05-14T24:00:00", "Tue, 14 May 2024 00:00:00 GMT", 1715637600],
)  # fmt: skip
def test_midnight_as_written_or_at_the_publishers_place_is_a_day(text: object) -> None:
    moment = dates.parse(text, zone=BERLIN)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == ("2024-05-13T22:00:00+00:00", "day")
    assert moment.until - moment.at == dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vor 3 Stunden", ("2024-06-20T09:00:00", "day")), ("3 hours ago", ("2024-06-20T09:00:00", "day")),
        ("hace 3 horas", ("2024-06-20T09:00:00", "day")), ("il y a 3 heures", ("2024-06-20T09:00:00", "day")),
        ("3 ore fa", ("2024-06-20T09:00:00", "day")), ("há 3 horas", ("2024-06-20T09:00:00", "day")),
        ("3 uur geleden", ("2024-06-20T09:00:00", "day")), ("för 3 timmar sedan", ("2024-06-20T09:00:00", "day")),
        ("3 timer siden", ("2024-06-20T09:00:00", "day")), ("3 tuntia sitten", ("2024-06-20T09:00:00", "day")),
        ("3 godziny temu", ("2024-06-20T09:00:00", "day")), ("před 3 hodinami", ("2024-06-20T09:00:00", "day")),
        ("3 saat önce", ("2024-06-20T09:00:00", "day")), ("3 часа назад", ("2024-06-20T09:00:00", "day")),
        ("3小时前", ("2024-06-20T09:00:00", "day")), ("3時間前", ("2024-06-20T09:00:00", "day")),
        ("3시간 전", ("2024-06-20T09:00:00", "day")), ("πριν από 3 ώρες", ("2024-06-20T09:00:00", "day")),
        ("vor einer Stunde", ("2024-06-20T11:00:00", "day")), ("an hour ago", ("2024-06-20T11:00:00", "day")),
        ("vor 10 Minuten", ("2024-06-20T11:50:00", "minute")), ("10 mins ago", ("2024-06-20T11:50:00", "minute")),
        ("5分前", ("2024-06-20T11:55:00", "minute")), ("2 days ago", ("2024-06-17T22:00:00", "day")),
        ("gestern, 18:30 Uhr", ("2024-06-19T16:30:00", "minute")), ("heute", ("2024-06-19T22:00:00", "day")),
        ("vorgestern", ("2024-06-17T22:00:00", "day")), ("avant-hier à 18h30", ("2024-06-18T16:30:00", "minute")),
        ("позавчера", ("2024-06-17T22:00:00", "day")), ("i förrgår", ("2024-06-17T22:00:00", "day")),
        ("yesterday at 6:30 pm", ("2024-06-19T16:30:00", "minute")), ("vor 2 Wochen", None), ("3 hours", None),
        ("about 3 hours ago", ("2024-06-20T09:00:00", "day")), ("vor ca. 3 Stunden", ("2024-06-20T09:00:00", "day")),
        ("il y a environ 3 heures", ("2024-06-20T09:00:00", "day")), ("un'ora fa", ("2024-06-20T11:00:00", "day")),
        ("час назад", ("2024-06-20T11:00:00", "day")), ("godzinę temu", ("2024-06-20T11:00:00", "day")),
        ("أمس", ("2024-06-18T22:00:00", "day")), ("3 घंटे पहले", ("2024-06-20T09:00:00", "day")),
        ("vor 3000 Stunden", None), ("for 3 timer siden", ("2024-06-20T09:00:00", "day")), ("for 30 minutes", None),
    ],
)  # fmt: skip
def test_times_said_from_the_time_of_capture(text: str, expected: tuple[str, str] | None) -> None:
    assert read(text) == expected
    assert dates.parse(text, zone=BERLIN) is None


@pytest.mark.parametrize(
    "value",
    ["", " ", "Redaktion", "14 May", "10:30", "2024", "Mai 2024", "2024-05", "2024-02-30", "31.04.2024", "2024-13-01",
     "2024-05-14 and more", "2024-05-14/2024-05-16", "14.-16. Mai 2024", "May 14 - 16, 2024", "2024-05-14T25:00:00",
     "2024-05-14T10:61", "2024-05-14T10:30:00+99:00", "2024-05-14T10:30:99", "0000-00-00T00:00:00", "192.168.1.2024",
     "1.14.05.2024", "12-05-2024-33", "2024-05-14T10:30:00[Europe/Nowhere]", "2024051410", "12345", "9" * 200,
     "x" * 5000,
     None, True, False, {}, [], {"@type": "Date"}, ["later"], -5, 10**30, float("nan"), float("inf"), "2023-366",
     "Updated 14 May 2024 by staff", "14 May 2024 and 15 May 2024", "2024-05-14T10:30:00Z 2024-05-15T10:30:00Z"],
)  # fmt: skip
def test_what_is_no_whole_date_is_none(value: object) -> None:
    assert read(value) is None


def test_a_list_gives_its_first_date_and_an_object_its_value() -> None:
    assert read(["", "2024-05-14", "2024-05-15"]) == ("2024-05-13T22:00:00", "day")
    assert read({"@type": "Date", "@value": "2024-05-14"}) == ("2024-05-13T22:00:00", "day")
    assert read({"@type": "DateTime", "@value": 1715675400}) == ("2024-05-14T08:30:00", "second")


@pytest.mark.parametrize(
    ("zone", "language", "expected"),
    [("Europe/Berlin", "de", "2024-06-05"), ("Europe/London", "en", "2024-06-05"),
     ("Europe/Berlin", "en-GB", "2024-06-05"),
     ("America/New_York", "en", "2024-05-06"), ("Europe/Berlin", "en-US", "2024-05-06"), ("UTC", "fr", "2024-06-05"),
     ("UTC", "en", None), ("America/Toronto", "en-CA", None), ("America/Mexico_City", "es", "2024-06-05"),
     ("Asia/Manila", None, "2024-05-06"), ("America/New_York", "es-US", "2024-05-06")],
)  # fmt: skip
def test_day_and_month_in_numbers_by_language_and_zone(zone: str, language: str | None, expected: str | None) -> None:
    moment = dates.parse("05/06/2024", zone=ZoneInfo(zone), now=NOW, language=language)
    assert (moment and moment.at.astimezone(ZoneInfo(zone)).date().isoformat()) == expected


def test_numbers_that_leave_one_reading_need_no_language() -> None:
    utc = ZoneInfo("UTC")
    for text in ("14/05/2024", "05/14/2024", "05/05/2024", "06/12/2024"):
        assert (dates.parse(text, zone=utc, now=NOW) is not None) is True, text
    assert dates.parse("06/12/2024", zone=utc) is None  # without a time of capture December is as good


def test_reduced_precision_only_where_asked_for() -> None:
    month = dates.parse("2024-05", zone=ZoneInfo("UTC"), reduced=True)
    assert month is not None
    assert (month.at.isoformat(), month.until.isoformat(), month.precision) == (
        "2024-05-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00", "month")  # fmt: skip
    for text, precision in (("2024", "year"), ("2024-12", "month"), ("Mai 2024", "month"), ("2024-05-14", "day")):
        found = dates.parse(text, zone=BERLIN, reduced=True)
        assert found is not None
        assert found.precision == precision
        assert found.until > found.at


def test_the_stated_offset_is_known_and_can_be_taken_back() -> None:
    moment = dates.parse("2024-05-14T10:30:00Z", zone=BERLIN)
    assert moment is not None
    assert moment.offset == 0
    assert moment.as_local(BERLIN).at.isoformat() == "2024-05-14T08:30:00+00:00"
    bare = dates.parse("2024-05-14T10:30:00", zone=BERLIN)
    assert bare is not None
    assert bare.offset is None


@pytest.mark.parametrize(
    ("text", "zone", "hour"),
    [("10:30 IST", "Asia/Kolkata", 5), ("10:30 IST", "Europe/Dublin", 9), ("10:30 CST", "America/Chicago", 16),
     ("10:30 CST", "Asia/Shanghai", 2), ("10:30 ET", "Europe/Berlin", 14), ("10:30 GMT+5", "Europe/Berlin", 5),
     ("10:30 Europe/Helsinki", "Europe/Berlin", 7), ("10:30 (UTC+2)", "Asia/Tokyo", 8)],
)  # fmt: skip
def test_named_zones_by_the_publishers_place(text: str, zone: str, hour: int) -> None:
    moment = dates.parse(f"14 May 2024 {text}", zone=ZoneInfo(zone))
    assert moment is not None
    assert (moment.at.hour, moment.at.minute) == (
        hour,
        30 if "GMT+5" not in text and "IST" not in text else moment.at.minute,
    )


def test_dates_in_a_line_with_the_words_around_them() -> None:
    line = "Von Jule Sandmann | Veröffentlicht am 14. Mai 2024, 10:30 Uhr | Aktualisiert am 15.05.2024"
    first, second = dates.find_in_text(line, zone=BERLIN, now=NOW)
    assert first.moment.at.isoformat() == "2024-05-14T08:30:00+00:00"
    assert first.before[-1] == "veroffentlicht"
    assert second.before == ("aktualisiert",)
    assert second.moment.precision == "day"


@pytest.mark.parametrize(
    "line",
    ["Tel. 030-12-05-2024-33", "Version 1.14.05.2024", "© 2024 Wusterauer Bote", "USA Today", "May 14 – 16",
     "10:30 Uhr", "Sound: 7 out of 10", "Simmer for 30 minutes", "Rated 9 out of 10 by 24 readers",
     "Die Mühle kostet 2.400.000 Euro", "Seite 3 von 12", "§ 14 Mai", "192.168.10.2024",
     "x" * 3000, "Heute im Bundestag"],
)  # fmt: skip
def test_lines_without_a_date(line: str) -> None:
    assert dates.find_in_text(line, zone=BERLIN, now=NOW) == []


def test_no_word_names_two_months() -> None:
    seen: dict[str, int] = {}
    for number, names in words._data()["months"].items():
        for name in names.split():
            assert seen.setdefault(words.fold(name), number) == number, name
    for language, by_month in words._names()["months"].items():
        assert by_month.count(",") == 11, language
        for number, names in enumerate(by_month.split(","), 1):
            assert all(words.months_in(language)[words.fold(name)] == number for name in names.split()), language
    assert words.months_in("hr")["listopada"] == 10
    assert words.months_in("pl")["listopada"] == 11


@pytest.mark.parametrize("shape", ["1 ", "14 ", "1.1.", "may ", "vor 3 ", "(", "14 may ,", "年1月", "10:30 ", "2024-",
                                   "1" * 10, "\u0301", "١", "14 May 2024 "])  # fmt: skip
def test_long_adversarial_text_takes_bounded_time(shape: str) -> None:
    text = shape * (100_000 // len(shape))
    begin = time.process_time()
    dates.parse(text, zone=BERLIN, now=NOW)
    dates.find_in_text(text, zone=BERLIN, now=NOW)
    assert time.process_time() - begin < 1


PIECES = st.sampled_from(
    "2024 14 05 5 10 30 00 24 99 . - / : , T Z + 02 Mai May May, Uhr um am pm PM GMT CEST ( ) 年 月 日 "
    "vor Stunden ago 3 hours "
    "gestern Tue, Di, de à 令和 2567 W20 1715675400 Europe/Berlin an".split()
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(PIECES, max_size=12).map(" ".join), st.lists(PIECES, max_size=12).map("".join)
    )
)
def test_any_text_gives_a_moment_or_none_and_always_the_same(text: str) -> None:
    first = dates.parse(text, zone=BERLIN, now=NOW, reduced=True)
    assert first == dates.parse(text, zone=BERLIN, now=NOW, reduced=True)
    found = dates.find_in_text(text, zone=BERLIN, now=NOW)
    assert found == dates.find_in_text(text, zone=BERLIN, now=NOW)
    for moment in [*([first] if first else []), *(f.moment for f in found)]:
        assert moment.at.tzinfo is dt.UTC
        assert moment.at < moment.until


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=8).map(" ".join), st.sampled_from([None, "de", "en-US", "vi", "cs", "fa"]))
def test_a_line_that_is_not_read_because_it_cannot_hold_a_date_has_none(line: str, language: str | None) -> None:
    found = dates.find_in_text(line, zone=BERLIN, now=NOW, language=language)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_tokens_may_hold_date", lambda tokens, language: True)
        assert dates.find_in_text(line, zone=BERLIN, now=NOW, language=language) == found


@settings(max_examples=200, deadline=None)
@given(st.datetimes(dt.datetime(1990, 1, 1, 0, 0, 1), dt.datetime(2040, 1, 1)), st.sampled_from([0, 60, -300, 330]))
def test_every_time_is_read_back_from_iso_and_rfc_822(at: dt.datetime, offset: int) -> None:
    at = at.replace(microsecond=0, tzinfo=dt.timezone(dt.timedelta(minutes=offset)))
    utc = ZoneInfo("UTC")
    for text in (at.isoformat(), at.strftime("%a, %d %b %Y %H:%M:%S %z"), at.strftime("%Y%m%dT%H%M%S%z")):
        moment = dates.parse(text, zone=utc)
        assert moment is not None
        assert moment.precision == "day" or moment.at == at


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2040, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(["", "00:00:00", "22:00:00", "23:59:60", "24:00:00"]),
    st.sampled_from(["Z", "+02:00", "-00:00", "+05:45", "-19:00", "+12:75", ".120Z", ".120+02:00"]),
)
def test_the_usual_form_is_read_as_by_the_pattern_for_all_forms(at: dt.datetime, clock: str, rest: str) -> None:
    text = f"{at:%Y-%m-%d}T{clock or at.time().isoformat()}{rest}"
    found = dates.parse(text, zone=BERLIN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iso, "_usual", lambda text, zone: None)
        reader._parse_text.cache_clear()
        assert dates.parse(text, zone=BERLIN) == found
