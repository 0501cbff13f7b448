"""JSON as people write it: repaired where :func:`json.loads` refuses it, in one linear pass."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from typing import Any

LONGEST = 300_000
"""Characters of a text that is repaired; a longer one that is not JSON is left out."""
DEEPEST = 100
"""Levels of nesting of a text that is repaired."""
_MOST_VALUES = 200
_DECODER = json.JSONDecoder(strict=False)

_WRAPPING = re.compile(r"\A(?:<!--|(?://|/\*)?\s?<!\[CDATA\[(?:\s?\*/)?)|(?:-->|(?://|/\*)?\s?\]\]>(?:\s?\*/)?)\Z")
"""Marks of a comment or of CDATA around a script."""
_PART = re.compile(
    r'"(?:[^"\\]|\\.)*+"|"|//[^\n]*+|/\*|<!--|-->|<!\[CDATA\[|\]\]>|</?[A-Za-z][^<>]{0,300}>|;|,'
    r"|\{\{[^{}\"]{0,200}\}\}|\{%[^{}\"]{0,200}%\}|'(?:[^'\\\n]|\\.){0,10000}+'(?=\s{0,99}[,:}\]])"
    r'|[{}\[\]:]|\s++|[^\s"{}\[\]:;,/<\-\]]++|.',
    re.DOTALL,
)
_BEFORE_THE_FIRST = re.compile(
    r'(?:</?[A-Za-z][^<>]{0,300}>|"[^"{}\[\]]{0,200}+"(?!\s{0,99}[:,}\]])|/(?![/*])|[^{\["/<])++'
)
"""What stands before the first object or list: the name of a variable, a message that a program printed by mistake."""
_QUOTES = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033"), '"')
"""Quotation marks of texts, which editors put in the place of those of JSON."""
_GOES_ON = re.compile(
    r"\s{0,99}+(?:[}\]]|\Z|,\s{0,99}+(?:[\"'{\[}\],\d-]|//|/\*|\Z|(?:true|false|null)\b|[A-Za-z_@$][\w$@-]{0,60}\s{0,99}+:))"
)
"""What may stand behind a value."""
_COLON = re.compile(r"\s{0,99}+:")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BAD_ESCAPE = re.compile(r"\\(?:u(?![0-9a-fA-F]{4})|[^\"\\/bfnrtu])|\\\Z", re.DOTALL)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER_OR_WORD = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def read_values(script: str, problems: list[str]) -> list[Any]:
    """The JSON values in a script, HTML entities in their texts replaced. Halves of surrogate pairs, as a system leaves
    them that cuts a text inside an emoji, are removed: no file can hold them.

    ``problems`` gets ``json-ld-repaired``, ``json-ld-unreadable`` or ``json-ld-too-deep``.
    """
    try:
        value = _cleaned(_DECODER.decode(script), script)
    except (ValueError, RecursionError):
        pass  # repaired below
    else:
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):  # encoded twice
            problems.append("json-ld-repaired")
            return read_values(value, problems)
        return [value]
    text = script.strip("\ufeff \t\r\n")
    if len(text) > LONGEST:
        problems.append("json-ld-unreadable")
        return []
    for _ in range(2):
        text = _WRAPPING.sub("", text).strip()
    if '"' not in text:
        text = html.unescape(text)
        text = text if '"' in text else text.translate(_QUOTES)
    if not text:
        return []
    text = text[found.end() :] if (found := _BEFORE_THE_FIRST.match(text)) else text
    for lenient, skips_words in ((False, False), (True, False), (False, True)):
        try:
            repaired = _repaired(text, lenient=lenient, skips_words=skips_words)
            values = [_cleaned(value, text) for value in _decoded(repaired)]
        except RecursionError:
            problems.append("json-ld-too-deep")
            return []
        except ValueError:
            continue
        if values:
            problems.append("json-ld-repaired")
            return values
    problems.append("json-ld-unreadable")
    return []


def _decoded(text: str) -> list[Any]:
    """The values that stand one behind the other."""
    found: list[Any] = []
    place = 0
    while place < len(text) and len(found) < _MOST_VALUES:
        if text[place] in " \t\r\n,;)(":
            place += 1
            continue
        value, place = _DECODER.raw_decode(text, place)
        found.append(value)
    return found


def _repaired(text: str, *, lenient: bool, skips_words: bool) -> str:
    """The text as JSON: without comments, tags and superfluous commas, keys quoted, brackets closed, null where a value
    is missing.

    With ``lenient`` a quotation mark inside a string belongs to it unless what follows goes on with the JSON: the end
    of an object or list, a comma and the next key or value, and behind a key a colon.
    With ``skips_words`` words behind a value are left out, as those of a message that a program printed into it.
    """
    out: list[str] = []
    open_brackets: list[str] = []
    last = ""
    has_value = False  # the key before has one, and no comma has come since
    place = 0
    while place < len(text):
        part, place = _next_part(text, place, lenient=lenient, is_value=last == ":")
        if last == ":" and (part in (",", ";", "}", "]") or part.startswith("{{")):
            out.append("null")
            last = "null"
        if part == ",":
            has_value = False
        if part.isspace() or part in (",", ";", "-->", "]]>") or part.startswith(("//", "<", "{{", "{%")):
            continue
        if part == ":" and (last == ":" or (skips_words and has_value)):
            continue
        if skips_words and has_value and part[0] not in '"{}[]':
            continue
        if part in ("}", "]"):
            if part not in open_brackets:
                continue
            while open_brackets[-1] != part:  # a bracket that was left open inside
                out.append(open_brackets.pop())
            out.append(open_brackets.pop())
            last = part
            has_value = open_brackets[-1:] == ["}"]
            continue
        if part[0] not in '":{[' and not _NUMBER_OR_WORD.fullmatch(part):
            word = part[1:-1].replace("\\'", "'") if part[0] == "'" == part[-1] else part
            part = "null" if part in ("undefined", "NaN", "Infinity", "None") else json.dumps(word.strip("'"))
        has_value = last == ":" and part not in ("{", "[")
        if part != ":" and last not in ("", "{", "[", ":"):
            out.append("," if open_brackets else "\n")  # commas are set where a value follows a value
        out.append(part)
        last = part
        if part in ("{", "["):
            open_brackets.append("}" if part == "{" else "]")
            if len(open_brackets) > DEEPEST:
                raise RecursionError
    out.extend(reversed(open_brackets))
    return "".join(out)


def _next_part(text: str, place: int, *, lenient: bool, is_value: bool) -> tuple[str, int]:
    if text.startswith("/*", place):
        end = text.find("*/", place + 2)
        return " ", len(text) if end < 0 else end + 2
    if lenient and text[place] == '"':
        return _lenient_string(text, place, is_value=is_value)
    match = _PART.match(text, place)
    assert match is not None
    part = match.group()
    if part == '"':  # a string that does not end
        return json.dumps(text[place + 1 :]), len(text)
    if part[0] == '"' and "\\" in part:
        part = _BAD_ESCAPE.sub(lambda found: found.group()[1:], part)
    return part, match.end()


def _lenient_string(text: str, place: int, *, is_value: bool) -> tuple[str, int]:
    pieces: list[str] = []
    start = place + 1
    while True:
        end = text.find('"', start)
        if end < 0:
            return json.dumps("".join([*pieces, text[start:]])), len(text)
        slashes = end - len(text[start:end].rstrip("\\")) - start
        pieces.append(text[start:end])
        if slashes % 2 == 0 and (_GOES_ON.match(text, end + 1) or (not is_value and _COLON.match(text, end + 1))):
            inner = _BAD_ESCAPE.sub(lambda found: found.group()[1:], "".join(pieces))
            return f'"{inner}"', end + 1
        pieces.append('"' if slashes % 2 else '\\"')
        start = end + 1


def _cleaned(value: Any, script: str) -> Any:
    """A value of a script with HTML entities in its texts replaced and halves of surrogate pairs removed; walks without
    recursion."""
    has_surrogates = "\\u" in script and _ESCAPED_SURROGATE.search(script) is not None
    has_surrogates = has_surrogates or _has_lone_surrogate(script)
    if isinstance(value, str):
        return _plain(value)
    if not has_surrogates and "&" not in script and "\\u0026" not in script:
        return value
    waiting = [value] if isinstance(value, dict | list) else []
    while waiting:
        one = waiting.pop()
        items: Iterable[tuple[Any, Any]] = one.items() if isinstance(one, dict) else enumerate(one)
        for key, inner in list(items):
            if isinstance(inner, str):
                if has_surrogates or "&" in inner:
                    one[key] = _plain(inner)
            elif isinstance(inner, dict | list):
                waiting.append(inner)
    return value


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode()  # which refuses them, and is ten times as fast as the pattern
    except UnicodeEncodeError:
        return True
    return False


def _plain(text: str) -> str:
    text = text if text.isascii() else _LONE_SURROGATE.sub("", text)
    for _ in range(2):  # escaped twice
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
    return text
