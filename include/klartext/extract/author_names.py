"""Names of people, desks and wire services in the texts of bylines and metadata."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from klartext.dates import words as date_words
from klartext.dates.tokens import fold
from klartext.extract import word_lists
from klartext.extract.blocks import letters, squeeze
from klartext.extract.bylines import services
from klartext.extract.clean_text import FIELD_MARKS

BYLINE = re.compile(
    r"(?:(?:this|the) (?:article|post|story|report|piece|guide|content|page) (?:was|is|has been) "
    r"(?:originally |first )?(?=\w{5,9} by )|"
    r"(?:ein(?:e)? )?(?!photo|foto|image|bild|picture|illustration|video|graphic|grafik|credit)\w{4,20} )?"
    r"(?:(?:written|(?:words|text|story)(?: (?:and|&) (?:photos|photography|pictures|images))?|posted|published|"
    r"reported|article|reviewed|authored) by|"
    r"(?:(?:redaktion|redactie|redakcja|redazione|redacción|rédaction|reporter(?:in)?|journalist(?:in|e)?|texte|texto|"
    r"testo|text (?:und|&) fotos?|autor[/*]in|author\(s\))(?=\s?:)|autor:in|"
    r"(?:das )?(?:gespräch|interview) führten?|interview|protokoll|von(?: unsere[rmn] \w{4,30})?|text|"
    r"autor(?:in|en|a|es|ka|i|zy)?|autor(?:in)?/autor(?:in)?|autoři|auteurs?|autrice|autore|by|par|por|di|da|"
    r"door|av|af|skrevet av|skriven av|teksti?|propos recueillis par|(?:guest post|contributed) by|"
    r"tekst av|kirjoittaja|od|napisał[a]?|napsala?|piše|napisao|napisala|scris de|a cura di|szerző|írta|yazan|yazar|"
    r"muhabir|oleh|penulis|tác giả|автор(?:ы|ка|и)?|текст|пише|подготовила?|συντάκτης|συντάκτρια|γράφει (?:ο|η)|بقلم|"
    r"كتبت?|إعداد|نویسنده|מאת|โดย|लेखक|"
    r"责任编辑|责编|作者|记者|記者|取材・文|執筆|文|撰文|글|작성자)(?=[\s:：/／丨｜]))\s*[:：/／丨｜]?\s*",
    re.IGNORECASE,
)
"""What introduces names at the beginning of a line."""
OTHER_WORK = re.compile(
    r"\b(?<!and )(?<!und )(?<!& )(?:(?:fact[- ]?check(?:ed|ing)|"
    r"(?:medically |clinically |expert |technically |legally )(?:reviewed|checked)|"
    r"edit(?:ed|ing)|updated|revised|translat(?:ed|ion)|illustrat(?:ed|ions?)|photograph(?:ed|s|y)|photos?|images?|tested|"
    r"approved|verified|produced|narrated|hosted|voiced|video) by\b|"
    r"(?:bearbeitet|redigiert|aktualisiert|überarbeitet|überprüft|geprüft|übersetzt|illustriert|fotografiert) von\b|"
    r"(?:mis à jour|révisé|vérifié|relu|traduit|illustré) par\b|"
    r"(?:editado|actualizado|atualizado|revisado|revisto|verificado|traducido|traduzido|ilustrado) por\b|"
    r"(?:aggiornato|rivisto|verificato|tradotto|illustrato) da\b|"
    r"(?:bewerkt|bijgewerkt|vertaald|gecontroleerd|geïllustreerd) door\b)"
    rf"(?P<names>[^;{FIELD_MARKS}\n]{{0,200}})",
    re.IGNORECASE,
)
"""What other people than the author did for a text, with their names."""
_ROLE_OF = re.compile(
    r", [^,;|]{0,30}?\b(?:head|director|manager|editor|chief|president|professor|vp|chair|founder|officer|partner|dean|"
    r"fellow) (?:of|for|at|in) [^,;|]*",
    re.IGNORECASE,
)
"""What a person is in some house, with all that belongs to it, as in ``, Head of Sales and Marketing``."""
_NO_NAME = re.compile(r"\([^()]*+\)|(?<![^\s)])\S[^\s@]{0,100}+@\S++|https?://\S++")
_BETWEEN = re.compile(
    r"[,;/|、，；•·&\n]|(?<=\s)(?:und|and|mit|et|y|e|en|og|och|ja|i|a|ve|и|with|та|και|és|și|oraz)(?=\s)"
)
_IN_NAME = r"[\w.'’´\u0900-\u109f\u1780-\u17ff-]{0,49}"  # with the signs for vowels of scripts from India to Cambodia
_PERSON = re.compile(
    rf"(?:(?:Dr|Prof|Dipl|Ing|med|Mr|Mrs|Ms|St)\.?[- ]?){{0,25}}+[^\W\d_]{_IN_NAME}"
    rf"(?: (?:von|van|de|del|della|di|der|den|zu|al|el|bin|la|le|da|dos|ter|[^\W\d_]{_IN_NAME})){{1,4}}"
)
"""A name of at most :data:`LONGEST_NAME` characters."""
LONGEST_NAME = 49
_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]{2,6}|[\uac00-\ud7af]{2,4}")
_CJK_TITLE = re.compile(
    r"(?:\s?(?:기자|특파원|記者|记者|編輯|编辑)|報導|报道)$|^(?:责任编辑|記者|记者|本报记者|通讯员|編集|文)[:：/／]?\s?"
)
_CHINESE_NAMES = re.compile(r"[\u3400-\u9fff]{2,4}(?: [\u3400-\u9fff]{2,4})+")
DESK = re.compile(r"\b(?:Redaktion|Newsdesk|Deutschland|Editors|Staff|Team|Desk)\b|^[A-ZÄÖÜ]{2,4} [A-ZÄÖÜ][A-ZÄÖÜ-]+$")
_RUN_TOGETHER = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_CREDENTIAL = re.compile(
    r"(?:[A-Z]\.?){2,5}[®™]?(?:[-/ ](?:[A-Z]\.?|\d){2,5})*"
    r"|(?:Ph|M|Ed|Psy|Pharm)\.?\s?D\.?s?|Jr\.?|Sr\.?|[IVX]{2,4}|Esq\.?"
)
NO_ONE = frozenset("null none nil nan undefined unknown anonymous anonym n/a unbekannt".split())
"""What systems state as the author where they know none."""
_NAMES_TOO = frozenset(("may", "june", "april", "august", "jan", "mai", "dan"))
"""Months that are also names of people."""
_SMALL = frozenset(
    ("on", "in", "at", "for", "am", "um", "le", "el", "il", "the", "via", "the", "sur", "em", "op", "på")
)
_PARTICLES = frozenset(
    "von van vom zu zur zum der den de del della dell' dello di do da dos das du des la le los las el al bin ibn ben "
    "bint abu ter ten te tot af av y i e d' 't in op und st".split()
)
"""Words of names that are not capitalised."""
_ROLES = (
    "redakteur",
    "redakteurin",
    "korrespondent",
    "korrespondentin",
    "reporterin",
    "redaktør",
    "redaktör",
    "journalist",
)
"""The second part of compounds that are roles."""
_RANKS = frozenset(
    "senior junior chief deputy associate assistant staff lead executive managing contributing former".split()
)
_JOURNALISTS = frozenset(
    "writer reporter correspondent editor journalist columnist redakteur redakteurin korrespondent korrespondentin "
    "reporterin volontär volontärin journaliste correspondant correspondante rédacteur rédactrice periodista redactor "
    "redactora corresponsal giornalista redattore redattrice jornalista redator repórter verslaggever redacteur "
    "dziennikarz redaktor redaktorka novinář корреспондент журналист журналистка кореспондент toimittaja gazeteci "
    "δημοσιογράφος wartawan".split()
)
MOST = 20


def sort(
    texts: Iterable[str], own: set[str], *, trusted: bool, language: str | None = None
) -> tuple[list[str], list[str]]:
    """People and wire services in texts.

    Args:
        texts: What a page states as authors.
        own: The publisher's names, as letters.
        trusted: True for texts that are an author's by their place: a single word may be a name too.
        language: The page's language tag; it decides whether a space in a Chinese text is one between two people.
    """
    people: list[str] = []
    agencies: list[str] = []
    known = word_lists.agencies()
    for text in texts:
        cleaned = squeeze(text)[:400]
        if any(mark in cleaned for mark in "(@:"):  # as in few; the pattern is slow
            mail, _, name = cleaned.partition("(")  # as in RSS
            is_mailed = "@" in mail and " " not in mail.strip() and name.endswith(")")
            cleaned = name[:-1] if is_mailed else _NO_NAME.sub(" ", cleaned)
        if cleaned.count(" ") > 2:  # more than a name
            cleaned = _ROLE_OF.sub(",", OTHER_WORK.sub(" ", cleaned))
        if byline := BYLINE.match(cleaned):
            cleaned = cleaned[byline.end() :]
        if (language or "").startswith("zh") and _CHINESE_NAMES.fullmatch(cleaned.strip(" ()（）")):
            cleaned = cleaned.replace(" ", "、")
        parts = _BETWEEN.split(cleaned)
        for part in parts:
            name = _without_date(part.strip(" .,:-–|()（）"))
            name = _without_own(name if people else _without_role(name), own)
            name, service = _without_service(name)
            agencies.extend(service)
            key = letters(name)
            if not key or _is_own(key, own):
                continue
            lowered = name.lower()
            if lowered in known or all(w in known for w in lowered.replace("-", " ").replace("/", " ").split(" ")):
                agencies.extend(services(name))
                people.append(name)
            elif people and lowered in word_lists.towns():
                continue  # where the author was
            elif not _is_credential(name, people) and _is_person(name, alone=trusted and len(parts) == 1):
                people.append(_CJK_TITLE.sub("", name) if _CJK.search(name) else name)
    people = _each_once(people) if len(people) > 1 else list(filter(None, people))
    people = [name for name in people if not any(name.startswith(f"{other} ") and " " in other for other in people)]
    return people[:MOST], list(dict.fromkeys(agencies))


def _each_once(people: list[str]) -> list[str]:
    """The names without repetitions; of one in several cases the writing with small and capital letters."""
    found: dict[str, str] = {}
    for name in filter(None, people):
        known = found.get(name.casefold())
        if known is None or (known in (known.upper(), known.lower()) and name not in (name.upper(), name.lower())):
            found[name.casefold()] = name
    return list(found.values())


def part_names(line: str) -> str:
    """A byline with a space where a name runs together with what introduces or follows it in an element of its own:
    ``ByJule Sandmann``, ``Jule SandmannEditor``, ``Jule SandmannMay 14``."""
    if not (places := [match.start() for match in _RUN_TOGETHER.finditer(line)]):
        return line
    for place in reversed(places):
        before, after = line[:place].rpartition(" ")[2], line[place:].partition(" ")[0]
        if BYLINE.fullmatch(f"{before} ") or _is_of_date(after) or after.lower().strip(".,") in word_lists.no_names():
            line = f"{line[:place]} {line[place:]}"
    return line


def is_full_name(text: str) -> bool:
    """True for a text that is a person's first and last name and nothing else, each word capitalised."""
    said = text.split()
    if not 2 <= len(said) <= 4 or len(text) > LONGEST_NAME or not _PERSON.fullmatch(text):
        return False
    return said[0][0].isupper() and said[-1][0].isupper() and _is_person(text, alone=False) and not DESK.search(text)


def _is_credential(name: str, people: list[str]) -> bool:
    """True for a degree or title; two of them look like a name in capitals, which stands first or behind another."""
    if not _CREDENTIAL.fullmatch(name):
        return False
    return " " not in name or bool(people and not people[0].isupper())


def is_journalists_role(text: str) -> bool:
    """True for a few words of which one is what a journalist is, as in ``Senior Writer``."""
    said = text.lower().split()
    return 0 < len(said) <= 4 and not _JOURNALISTS.isdisjoint(word.strip(".,") for word in said)


def _is_own(key: str, own: set[str]) -> bool:
    """True for the publisher's name or a part of it."""
    return key in own or any(key == o or (len(key) > 8 and (key in o or (o in key and len(o) > 8))) for o in own)


def _is_person(name: str, *, alone: bool) -> bool:
    if len(name) > LONGEST_NAME or not any(map(str.isalpha, name)) or name.lower() in NO_ONE:
        return False
    if max(name) > "\u3000" and _CJK.fullmatch(_CJK_TITLE.sub("", name)):
        return True
    if DESK.search(name):
        return True
    words = [w.lower() for w in re.findall(r"\w+", name)]
    if any(word in word_lists.no_names() or word.endswith(_ROLES) for word in words):
        return False
    if _PERSON.fullmatch(name):
        small = [part for part in name.split() if part[0].islower() and part not in _PARTICLES]
        if small and len(small) < len(name.split()):
            return False
        return any(part[:1].isupper() or not part[:1].islower() for part in name.split()[:1]) or alone
    return alone and re.fullmatch(r"[^\W\d_][\w.'’-]{1,24}", name) is not None


def cut_before(text: str, place: int) -> str:
    """The text before a date that begins at a place, without the month or weekday that belongs to it."""
    parts = text[:place].rstrip(" ,.").split(" ")
    if len(parts) > 1 and fold(parts[-1].strip(".,")) in date_words.months():
        parts.pop()
    return _without_date(" ".join(parts))


def _without_date(name: str) -> str:
    """A name without the month or weekday of the date behind it, as in ``Jule Sandmann Mai 14``; of two words the
    second is the name of a person who is called so."""
    parts = name.split(" ")
    while len(parts) > 1 and (parts[-1].lower() in _SMALL or (len(parts) > 2 and _is_of_date(parts[-1]))):
        parts.pop()
    return "" if all(map(_is_of_date, parts)) else " ".join(parts).strip(" .,:-–|")


def _is_of_date(word: str) -> bool:
    return fold(word.strip(".,")) in _date_words()


def _without_role(name: str) -> str:
    """A name without what its bearer is, as in ``Jule Sandmann Senior Editor``."""
    parts = name.split(" ")
    if len(parts) < 3 or (parts[0].isupper() and not name.isupper()) or DESK.search(name):
        return name
    roles = word_lists.no_names() | _RANKS
    if not any(part.lower().strip(".,") in word_lists.no_names() for part in parts):
        return name
    end = next(n for n, part in enumerate(parts) if part.lower().strip(".,") in roles)
    return " ".join(parts[:end]) if end >= 2 else name


def _without_own(name: str, own: set[str]) -> str:
    """A name without the publisher's behind it, as in ``Jule Sandmann Hafenkurier``."""
    parts = name.split(" ")
    for end in range(2, len(parts)):
        if letters(" ".join(parts[end:])) in own:
            return " ".join(parts[:end])
    return name


def _without_service(name: str) -> tuple[str, list[str]]:
    """A name without the wire service behind it, as in ``Jule Sandmann Associated Press``, and the service."""
    parts = name.split(" ")
    for end in range(2, len(parts)):
        if " ".join(parts[end:]).lower() in word_lists.agencies():
            return " ".join(parts[:end]), services(" ".join(parts[end:]))
    return name, []


@functools.cache
def _date_words() -> frozenset[str]:
    return (frozenset(date_words.months()) | date_words.weekdays()) - _NAMES_TOO
