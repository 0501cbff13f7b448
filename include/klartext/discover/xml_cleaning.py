"""XML of the web made readable: any encoding, raw ``&``, HTML entities, control characters, text before the document.

The result is UTF-8 without declaration, DOCTYPE, comments and CDATA sections, for a parser that recovers from what is
left (tags that are not closed, prefixes that are not declared). Every pass is linear in the length of the document.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from collections.abc import Iterator

from klartext.charsets import decode_mixed, python_name

_PROLOG = 64 * 1024
"""Characters in which a document begins and declares what it is."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_DECLARED = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._:-]{1,40})""")
_HEADER = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_BEGIN = re.compile(
    r"<\?xml\b|<!DOCTYPE\b|<(?:\w{1,20}:)?(?:html|urlset|sitemapindex|rss|feed|RDF)[\s>/]", re.IGNORECASE
)
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_NO_TAG = re.compile(r"<(?![A-Za-z_:/!?])")
_BARE_VALUE = re.compile(
    r"""(<[A-Za-z_:][\w:.-]*+(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'))*+\s++[\w:.-]++\s*+=\s*+)"""
    r"""([^\s"'<>/]++(?:/(?!>)[^\s"'<>/]*+)*+)"""
)
"""A tag up to an attribute whose value has no quotation marks."""
_BARE_VALUES = 10
_VOID = re.compile(r"</?(?:br|hr|wbr|img)\b[^<>]{0,2000}>", re.IGNORECASE)
_LONGEST_TAG = 64 * 1024
_LONG_TAG = re.compile(rf"<([A-Za-z_:][^\s<>/]{{0,200}})[^<>]{{{_LONGEST_TAG},}}")
_PIECE = 1 << 20
_OPEN_TAG = re.compile(r"<([^<>]*+)(?=<)")
_NAME = re.compile(r"/?[A-Za-z_:][\w:.-]{0,200}\s*")
_SPECIAL = re.compile(r"<!--|<!\[CDATA\[|<!DOCTYPE|<\?", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:item|entry|url)\s{0,9}>", re.IGNORECASE)
_TAG_NAME = re.compile(r"<([A-Za-z_:][\w:.-]{0,99})")
_ENTITY = re.compile(r"<!ENTITY\s{1,99}(%\s{1,99})?([^\s\"'>]{0,100})", re.IGNORECASE)
_PREDEFINED = {"amp", "lt", "gt", "quot", "apos"}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class EntitiesDeclared(ValueError):
    """A document that declares entities of its own: nothing is read of it, since they may expand without end. Those of
    HTML may be declared, and the names of lists of them (``%HTMLlat1;``), which are not requested."""


def clean(body: bytes, content_type: str = "") -> bytes:
    """A document as UTF-8 that an XML parser in recovery mode can read.

    Args:
        body: The document, not compressed.
        content_type: The Content-Type header, for its charset.

    Raises:
        EntitiesDeclared: The document declares entities.
    """
    text = decode(body, content_type)
    if begin := _BEGIN.search(text, 0, _PROLOG):
        text = text[begin.start() :]
    text = "".join(_without_specials(without_controls(text)))  # thousands of them may be short: no work for each
    return "".join(_references(text)).lstrip().encode("utf-8")


def without_controls(text: str) -> str:
    """A text without the characters that no XML document may have."""
    return _NO_XML.sub("", text)


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a document. In this order: a byte order mark, UTF-8 where the bytes are valid as such, the encoding
    that the document declares, that of the header. Bytes that are no UTF-8 in a document of UTF-8 are Windows-1252."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    if body[:4].find(b"\0") >= 0:  # UTF-16 without a mark: the first character of XML is ASCII
        return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le", "replace")
    named = _DECLARED.search(body[:_PROLOG]), _HEADER.search(content_type[:500])
    names = [python_name(found[1].decode() if isinstance(found[1], bytes) else found[1]) for found in named if found]
    if any(name in ("iso2022_jp", "hz", "iso2022_kr") for name in names[:1]):
        return body.decode(names[0] or "utf-8", "replace")  # bytes of seven bits are valid UTF-8 too
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        name = next((name for name in names if name and name != "utf-8"), None)
    return body.decode(name, "replace") if name else decode_mixed(body)


def _without_specials(text: str) -> Iterator[str]:
    """The document in pieces, without comments, instructions and DOCTYPE, the text of CDATA sections escaped. What is
    not closed (a comment, a section of the last entry) is taken to last until the end."""
    position, section_end = 0, -1
    while found := _SPECIAL.search(text, position):
        yield text[position : found.start()]
        kind = found[0].upper()
        close = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}.get(kind)
        if text.startswith("<?xml", found.start()):
            close = ">"  # some declarations end like a tag
        if close is None:
            position = _end_of_doctype(text, found.end())
            continue
        if kind == "<![CDATA[":
            if section_end < found.end():  # else one that was found before: each would be searched to the end again
                section_end = text.find(close, found.end()) % (len(text) + 1)
            end = _end_of_open_section(text, found, section_end)
            section = text[found.end() : section_end if end is None else end]
            yield section.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            position = section_end + len(close) if end is None else end
            continue
        end = text.find(close, found.end())
        if end < 0:
            return
        position = end + len(close)
    yield text[position:]


def _end_of_open_section(text: str, begin: re.Match[str], end: int) -> int | None:
    """Where a CDATA section ends that was not closed: before the end tag of its element. None for one that ends at
    ``end``; it was not closed if its entry ends before another section begins, or before the document ends."""
    further = text.find("<![CDATA[", begin.end(), end)
    if further < 0 and end < len(text):
        return None
    entry = _ENTRY_END.search(text, begin.end(), further if further >= 0 else end)
    if not entry:
        return None
    tag = text.rfind("<", max(0, begin.start() - 300), begin.start())
    name = _TAG_NAME.match(text, tag) if tag >= 0 else None
    own = text.find(f"</{name[1]}", begin.end(), entry.start()) if name else -1
    return own if own >= 0 else entry.start()


def _end_of_doctype(text: str, position: int) -> int:
    end = text.find(">", position)
    subset = text.find("[", position, end if end >= 0 else len(text))
    if subset >= 0:
        end = text.find("]", subset)
        declared = text[subset : end if end >= 0 else len(text)]
        if any(not found[1] and not _is_of_html(found[2]) for found in _ENTITY.finditer(declared)):
            raise EntitiesDeclared("the document declares entities")
        end = text.find(">", end) if end >= 0 else -1
    return end + 1 if end >= 0 else len(text)


def _is_of_html(name: str) -> bool:
    """True for an entity that means the same wherever it is declared, as the specification of RSS 1.0 has them do."""
    return f"{name};" in html.entities.html5


def _references(text: str) -> Iterator[str]:
    """Text and tags with every ``&`` and ``<`` that begins nothing escaped, HTML's entities as characters, and without
    the elements of HTML that have no end tag: they would swallow what follows. Tags without their ``>`` get one, those
    of more than _LONGEST_TAG characters lose their attributes: the parser would hold all of it at once."""
    for piece in _pieces(text, "<"):
        if "&" in piece:
            piece = "".join(_AMPERSAND.sub(_reference, part) for part in _pieces(piece, "&"))
        piece = _NO_TAG.sub("&lt;", _VOID.sub("", piece))
        for _ in range(_BARE_VALUES):  # one of each tag at a time
            piece, number = _BARE_VALUE.subn(r'\1"\2"', piece)
            if not number:
                break
        yield _LONG_TAG.sub(r"<\1", _OPEN_TAG.sub(_closed, piece))


def _pieces(text: str, mark: str) -> Iterator[str]:
    """The text in pieces of about _PIECE characters that are cut before a mark: a replacement in the whole would hold
    each of millions of matches at once."""
    begin = 0
    while len(text) - begin > _PIECE:
        cut = text.rfind(mark, begin + 1, begin + _PIECE)
        cut = cut if cut > begin else text.find(mark, begin + _PIECE)
        if cut < 0:
            break
        yield text[begin:cut]
        begin = cut
    yield text[begin:]


def _closed(found: re.Match[str]) -> str:
    """A tag that another one follows before it ends; it is text where it looks like none."""
    inside = found[1]
    return f"<{inside}>" if "=" in inside or _NAME.fullmatch(inside) else f"&lt;{inside}"


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name in _PREDEFINED:
        return found[0]
    character = html.unescape(found[0])
    if character == found[0]:
        return f"&amp;{name};"
    return re.sub("[&<>]", lambda special: _ESCAPES[special[0]], _NO_XML.sub("", character))
