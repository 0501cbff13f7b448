"""Articles of our own pages that show or state when they were published."""

from __future__ import annotations

from klartext.model import Article
from support import sample_pages


def published(
    *, top: str = "", head: str = "", after: str = "", below: str = "", url: str = sample_pages.URL
) -> Article:
    """The article of a page with HTML above the text, in the head, behind the text and below the article."""
    made = sample_pages.read(
        sample_pages.page(sample_pages.lines(after=after), top=top, head=head, below=below), url=url
    )
    assert sample_pages.text(made) == sample_pages.STORY
    return made.article


def opened(opening: str) -> Article:
    """An article whose first paragraph begins with an opening."""
    story = [f"{opening}{sample_pages.STORY[0]}", *sample_pages.STORY[1:]]
    return sample_pages.read(sample_pages.page(sample_pages.lines(story))).article


def far(top: str, line: str) -> Article:
    """An article on a page with a line at its top, one between the menus and one far from the headline."""
    menu = "".join(f"<li><a href='/{n}'>Rubrik {n}</a></li>" for n in range(40))
    html = sample_pages.page().replace("<body>", f"<body><div class='now'>{top}</div><ul>{menu}</ul>")
    html = html.replace("</article>", f"</article><ul>{menu}</ul>{line}<ul>{menu}</ul>")
    assert (top or line) in html
    return sample_pages.read(html).article


def day_of(article: Article) -> str | None:
    """The day of publication at the publisher's place, as ISO 8601."""
    at = article.published_at
    return at.astimezone(sample_pages.SOURCE.zone).date().isoformat() if at else None
