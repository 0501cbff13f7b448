"""Articles that share text, across sources: the step after curating."""

from klartext.link.step import Linked, link, link_pending

__all__ = ["Linked", "link", "link_pending"]
