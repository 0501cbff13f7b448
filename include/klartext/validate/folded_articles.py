"""Finding articles that two different pages were folded into, because their addresses give the same ``article_id``."""

from __future__ import annotations

import collections
import dataclasses

import pyarrow as pa


@dataclasses.dataclass(frozen=True, slots=True)
class FoldedArticle:
    """An ``article_id`` and addresses whose captures have different texts, sorted: one address for each text."""

    article_id: str
    addresses: tuple[str, ...]


def folded_articles(articles: pa.Table) -> list[FoldedArticle]:
    """The articles of a batch with captures at different addresses that have no text in common, sorted by id.

    Addresses are compared as fetched, without scheme, ``www.``, closing slash and a fragment that names a place in the
    page (one that names a page, ``#!/a``, stays): folding them further is what may have gone wrong. Captures of one
    address with different texts are edits of one page. Texts are compared without case and white space.
    """
    ids = articles["article_id"]
    if len(ids.unique()) == len(ids):
        return []  # nearly all batches of an interval
    texts: dict[str, dict[str, set[str]]] = collections.defaultdict(lambda: collections.defaultdict(set))
    addresses: dict[str, str] = {}
    for row in articles.select(["article_id", "url", "text"]).to_pylist():
        address = _plain_address(row["url"])
        addresses.setdefault(address, row["url"])
        texts[row["article_id"]][address].add("".join(row["text"].split()).casefold())
    found = []
    for article_id, by_address in texts.items():
        groups = _groups(by_address)
        if len(groups) > 1:
            found.append(FoldedArticle(article_id, tuple(sorted(addresses[group[0]] for group in groups))))
    return sorted(found, key=lambda each: each.article_id)


def _groups(by_address: dict[str, set[str]]) -> list[list[str]]:
    """Addresses in groups that are connected by common texts, in the order of their first address."""
    groups: list[tuple[list[str], set[str]]] = []
    for address in sorted(by_address):
        members, texts = [address], set(by_address[address])
        rest = []
        for group in groups:
            if texts.isdisjoint(group[1]):
                rest.append(group)
            else:
                members, texts = group[0] + members, texts | group[1]
        groups = [*rest, (members, texts)]
    return sorted(sorted(members) for members, _ in groups)


def _plain_address(url: str) -> str:
    without_fragment, _, fragment = url.partition("#")
    route = f"#{fragment}" if fragment.startswith(("!", "/")) else ""
    return without_fragment.partition("://")[2].removeprefix("www.").rstrip("/") + route.rstrip("/")
