"""Whether the whole text is there for everyone."""

from __future__ import annotations

from typing import Any

from klartext.extract import word_lists
from klartext.extract.blocks import Block, hints
from klartext.extract.document import Document
from klartext.json_ld import Graph
from klartext.model import Access

_WALL = frozenset(("paywall", "paywalled", "regwall", "registerwall", "plusbox", "offerpage"))


def find(document: Document, page: list[Block], walled: bool) -> Access:
    """``free`` or ``paid`` as the page's JSON-LD or microdata says; else ``paid`` where the text ends at a wall; else
    ``unknown``.

    ``walled`` says that the source's rules found their own mark of a wall.
    """
    if walled:
        return "paid"
    said = _free(document.graph, document.article)
    if said is None:
        values = {_truth(value) for value in document.metas.get("isaccessibleforfree", ())}
        said = values.pop() if len(values) == 1 else None  # of several the page's own is not known
    if said is not None:
        return "free" if said else "paid"
    last = max((b.index for b in page if b.keep), default=-1)
    behind = page[last + 1 : last + 12]
    walls = {e for e in {e for block in behind for e in block.around} if hints(e) & _WALL}
    for block in behind:
        if walls.isdisjoint(block.around):
            continue
        if word_lists.rule_of_line(block.text, block.key) == "subscription":
            return "registration" if "registrier" in block.text.lower() and "abo" not in block.text.lower() else "paid"
    tier = (document.meta("article:content_tier", "content_tier") or "").lower()
    return {"free": "free", "metered": "registration", "locked": "paid"}.get(tier, "unknown")  # type: ignore[return-value]


def _free(graph: Graph, article: dict[str, Any]) -> bool | None:
    """What ``isAccessibleForFree`` of the article or one of its parts states; a part that is not free decides."""
    parts = [part for part in graph.values(article, "hasPart") if isinstance(part, dict)]
    stated = [_truth(value) for thing in (article, *parts) for value in graph.values(thing, "isAccessibleForFree")]
    if False in stated:
        return False
    own = [_truth(value) for value in graph.values(article, "isAccessibleForFree")]
    return True if True in own else None


def _truth(value: Any) -> bool | None:
    text = str(value.get("@value") if isinstance(value, dict) else value).strip().rpartition("/")[2].lower()
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text)
