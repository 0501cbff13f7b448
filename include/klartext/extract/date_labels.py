"""What the words beside a date say of it: that it is the day of publication, of a change, or of something else."""

from __future__ import annotations

import functools
import re

from klartext.dates import Found, words
from klartext.dates.tokens import fold, part_words

_MOST_WORDS = 12
"""Words of a line beside a date; with more it is a sentence that mentions a day."""

_SENTENCE = 5
_WORDS = re.compile(r"[^\W\d_]+")

_PUBLISHED = (
    "veröffentlicht erschienen erstellt publiziert datum vom published publication publish posted post date "
    "dated created written submitted filed released added issued first publié publiée paru mis en ligne "
    "publicado publicada publicación fecha pubblicato pubblicata data gepubliceerd geplaatst opublikowano "
    "opublikowany dodano utworzono yayınlanma yayın tarihi tarih oluşturulma udgivet publiceret publicerad "
    "publicerat publisert julkaistu vydáno publikováno zverejnené опубликовано опубликована дата размещено "
    "опубліковано δημοσιευση δημοσιεύτηκε ημερομηνία 发布 发布时间 发表于 发表 发布于 时间 日期 發布 發佈 "
    "發表 公開 公開日 掲載 掲載日 配信 投稿 投稿日 입력 등록 승인 게시 megjelent közzétéve publicat "
    "objavljeno objavljen публикувано نشر تاريخ النشر منتشر פורסם đăng เผยแพร่ diterbitkan"
)
_MODIFIED = (
    "aktualisiert aktualisierung update updated updates stand geändert bearbeitet überarbeitet zuletzt "
    "modified edited revised reviewed changed last amended corrected actualizado actualizada actualización "
    "modificado modifié modifiée jour maj aggiornato aggiornata aggiornamento modificato bijgewerkt gewijzigd "
    "atualizado atualizada zaktualizowano aktualizacja modyfikacja güncelleme güncellenme güncellendi "
    "opdateret uppdaterad uppdaterat ändrad oppdatert endret päivitetty muokattu aktualizováno aktualizované "
    "upraveno обновлено обновлена изменено оновлено ενημερώθηκε ενημέρωση 更新 更新时间 更新日 更新於 "
    "最終更新 수정 최종수정 frissítve módosítva actualizat ažurirano редактирано تحديث به‌روزرسانی עודכן"
)
_OTHER = (
    "geboren gestorben born died gültig gilt valid expires expiry deadline termin "
    "termine beginn ende event events veranstaltung starts start ends end copyright founded gegründet "
    "established joined member mitglied received accepted eingereicht commented replied reply antwort "
    "accessed abgerufen retrieved visited due effective next nächste nächster vom_bis "
    "ważne anmeldeschluss einsendeschluss show airs premiere "
    "premieres conference meeting election release copyrights tickets today's heute"
)
_BEGIN_OR_END = (
    "until bis ab seit since from hasta jusqu dès depuis fino dal tot vanaf od to through thru between zwischen"
)
"""Prepositions. Farther before a date they belong to something else, and behind it they name its source or begin a
headline: 14 maggio 2024 da Redazione."""


@functools.cache
def _set(words_: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words_.split())


@functools.cache
def months() -> dict[str, int]:
    """Names of months as addresses write them."""
    return words.months()


def role(found: Found, *, sentence: bool = False) -> str | None:
    """``published``, ``modified``, empty for a date without a label, None for a date of something else.

    The words nearest before the date decide, then those right behind it. In a ``sentence`` a day without a label is
    that of an event.
    """
    before, after = found.before, found.after
    if len(before) + len(after) > _MOST_WORDS and not (set(before[-2:]) & (_set(_PUBLISHED) | _set(_MODIFIED))):
        return None
    label = _label(found)
    if label == "other":
        return None
    return None if not label and sentence and len(before) + len(after) >= _SENTENCE else label


def is_of_something_else(found: Found) -> bool:
    """True if the words beside a date say that it is neither that of the publication nor that of a change."""
    return _label(found) == "other"


def _label(found: Found) -> str:
    """``published``, ``modified``, ``other``, or empty if no word beside a date says what it is."""
    before, after = found.before, found.after
    for word in [*reversed(before[-4:]), *after[:2]]:
        if word in _set(_MODIFIED):
            return "modified"
        if word in _set(_PUBLISHED):
            return "published"
        if word in _set(_OTHER) or word in ("©", "†") or (word in before[-1:] and word in _set(_BEGIN_OR_END)):
            return "other"
    return ""


def names_role(line: str, wanted: str) -> bool:
    """True if a line holds a date and a word for the role ``published`` or ``modified``: worth to be read whole."""
    if not any(map(str.isdigit, line)):
        return False
    said = _WORDS.findall(fold(part_words(line)))
    return not (_set(_PUBLISHED) if wanted == "published" else _set(_MODIFIED)).isdisjoint(said)


def role_of_words(line: str) -> str | None:
    """The same for a line whose date is only in its markup."""
    said = _WORDS.findall(fold(part_words(line[:200])))
    if len(said) > _MOST_WORDS:
        return None
    for word in said:
        if word in _set(_MODIFIED):
            return "modified"
        if word in _set(_PUBLISHED):
            return "published"
        if word in _set(_OTHER) or word in _set(_BEGIN_OR_END):
            return None
    return ""
