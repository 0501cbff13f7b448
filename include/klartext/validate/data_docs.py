"""The quality page of a batch: its account, what failed, what was skipped, and Great Expectations' Data Docs.

Data Docs load styles and scripts from the network and insert values as markup. Their content is static, so only that is
kept, with values escaped and a style of this page: one file that needs no network and runs no script.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import lxml.html
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from klartext.model import Account
from klartext.validate import account as accounts
from klartext.validate import expectations
from klartext.validate.folded_articles import FoldedArticle
from klartext.verdict_text import describe_verdict

_LISTED = 200
"""Folded articles, and places where something was skipped, that the page lists."""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ account.batch }}: {{ account.verdict }}</title>
<style>
  :root { color-scheme: light dark; --line: #d8dee4; --soft: #f1f3f5; --good: #1a7f37; --odd: #865c00; --bad: #b3202d }
  @media (prefers-color-scheme: dark) {
    :root { --line: #343c46; --soft: #262d35; --good: #5fd181; --odd: #e5b64a; --bad: #ff8a8a }
    body { background: #14181d; color: #e3e8ee } a { color: #79b8ff }
  }
  body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere }
  h1 { font-size: 1.5rem } h2 { margin-top: 2.5rem; border-bottom: 2px solid var(--line) } h5 { margin: 1.6rem 0 .3rem;
  font-size: 1rem } h6 { margin: 1rem 0 .2rem; font-size: .9rem } summary { cursor: pointer }
  .passed, .fa-check-circle::before { color: var(--good) }
  .warned, .fa-exclamation-triangle::before { color: var(--odd) }
  .refused, .fa-times::before { color: var(--bad) }
  table { border-collapse: collapse; font-size: .9rem; display: block; overflow-x: auto } td, th { text-align: left;
  border-bottom: 1px solid var(--line); padding: .2rem 1rem .2rem 0; vertical-align: top } th { white-space: nowrap }
  .badge, code { background: var(--soft); border-radius: 3px; padding: 0 .25em; font: .85em ui-monospace, monospace }
  .fa-check-circle::before { content: "✓" } .fa-times::before { content: "✗" }
  .fa-exclamation-triangle::before { content: "!" }
</style>
</head>
<body>
<h1>{{ account.batch }}: <span class="{{ account.verdict }}">{{ account.verdict }}</span></h1>
{% for reason in account.reasons %}<p class="refused">{{ reason }}</p>
{% endfor %}
{% for finding in account.findings if finding.severity == "warning" %}
<p class="warned">{{ finding.code }}: {{ finding.what }}</p>
{% endfor %}
{% if verdict.pages %}<p>{{ verdict.pages_line(5) }}</p>
{% endif %}
{% for line in verdict.to_do %}<p>{{ line }}</p>
{% endfor %}
<p>{{ line }}</p>
<p>As JSON: {% for name in files %}<a href="{{ name }}">{{ name }}</a>{{ ", " if not loop.last }}{% endfor %}</p>
{% if failed %}
<h2>What failed</h2>
<table>
<tr><th>code</th><th>what is wrong</th><th>rows</th><th>severity</th></tr>
{% for check in failed %}
<tr><td><code>{{ check.code }}</code></td><td>{{ check.means }}</td><td>{{ check.failed }} of {{ check.looked_at }}</td>
<td>{{ check.severity }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% if sites %}
<h2>Sites outside of the bounds</h2>
<table>
<tr><th>code</th><th>sites</th></tr>
{% for code, names in sites.items() %}
<tr><td><code>{{ code }}</code></td><td>{{ names[:listed]|join(", ") }}{% if names|length > listed %}
 and {{ names|length - listed }} more, in verdict.json{% endif %}</td></tr>
{% endfor %}
</table>
{% endif %}
{% if folded %}
<h2>Two pages with one article_id</h2>
<p>Their texts differ. If they are two articles, mend <code>addresses</code> in the source file and replay the
batch.</p>
<table>
<tr><th>article_id</th><th>addresses</th></tr>
{% for article in folded[:listed] %}
<tr><td><code>{{ article.article_id }}</code></td>
<td>{% for address in article.addresses %}{{ address }}<br>{% endfor %}</td></tr>
{% endfor %}
</table>
{% if folded|length > listed %}<p>and {{ folded|length - listed }} more, in verdict.json</p>
{% endif %}
{% endif %}
{% if account.skipped %}
<h2>Skipped, or read only in part</h2>
<p>{{ skipped }}</p>
<table>
<tr><th>where</th><th>reason</th><th>number</th></tr>
{% for entry in most_skipped %}
<tr><td>{{ entry.origin }}</td><td><code>{{ entry.reason }}</code></td><td>{{ entry.count }}</td></tr>
{% endfor %}
</table>
{% if account.skipped|length > listed %}<p>and {{ account.skipped|length - listed }} more places, in verdict.json</p>
{% endif %}
{% endif %}
{% for title, passed, body in suites %}
<h2>{{ title }}</h2>
{% if passed %}
<details{% if not body %} open{% endif %}><summary>{{ passed|sum(attribute="checks") }} checks passed</summary>
<table>
<tr><th>code</th><th>what it finds</th><th>columns</th></tr>
{% for check in passed %}
<tr><td><code>{{ check.code }}</code></td><td>{{ check.means }}</td><td>{{ check.columns|join(", ") }}</td></tr>
{% endfor %}
</table></details>
{% endif %}
{{ body }}
{% endfor %}
</body>
</html>
"""


@functools.cache
def _template() -> Any:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_PAGE)


def render_page(
    account: Account,
    runs: Iterable[tuple[str, expectations.SuiteRun]],
    files: Iterable[str],
    folded: Sequence[FoldedArticle] = (),
    sites: Mapping[str, list[str]] | None = None,
) -> str:
    """The batch as HTML.

    Args:
        account: its row of ``batches``.
        runs: the suites, each with its title.
        files: names of the files beside the page.
        folded: articles that different pages were folded into.
        sites: in a batch of many sites, those outside of the bounds, by the code of the check.
    """
    named = list(runs)
    failed = [result.to_dict() for _, run in named for result in run.results if not result.success]
    suites = [(title, _passed(run.validation), Markup(_data_docs(run.validation))) for title, run in named]
    html: str = _template().render(
        account=account, line=accounts.summary_line(account), failed=failed, suites=suites, files=list(files),
        verdict=describe_verdict(dataclasses.asdict(account)), folded=list(folded), sites=dict(sites or {}),
        listed=_LISTED,
        skipped=accounts.skipped_line(map(dataclasses.asdict, account.skipped)),
        most_skipped=sorted(account.skipped, key=lambda entry: (-entry.count, entry.origin, entry.reason))[:_LISTED],
    )  # fmt: skip
    return html


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _escaped(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_escaped(part) for part in value]
    return str(escape(value)) if isinstance(value, str) else value


_OF_ANY_COLUMN = {
    "expect_column_values_to_not_be_null": ("…-missing", "no value"),
    "expect_column_values_to_be_in_set": ("…-unknown", "none of the allowed values"),
}
"""Checks that many columns have, each under a code of its own: one line for all of them."""


def _passed(validation: Any) -> list[dict[str, Any]]:
    """The checks that passed, one line for each code: what it finds, in which columns, and how many checks it is."""
    lines: dict[str, dict[str, Any]] = {}
    for result in validation.results:
        config = result.expectation_config
        if not result.success:
            continue
        code, means = _OF_ANY_COLUMN.get(config.type, (config.meta["code"], config.meta["means"]))
        line = lines.setdefault(code, {"code": code, "means": means, "columns": [], "checks": 0})
        line["checks"] += 1
        if config.kwargs["column"] not in line["columns"]:
            line["columns"].append(config.kwargs["column"])
    return list(lines.values())


def _data_docs(validation: Any) -> str:
    """The sections of Data Docs for the checks of a validation that failed, without scripts, links and attributes
    except classes; empty if all passed."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    validation = copy.deepcopy(validation)
    validation.results = [result for result in validation.results if not result.success]
    if not validation.results:
        return ""
    for result in validation.results:
        result.result = _escaped(result.result)
    view: Any = DefaultJinjaPageView()
    whole = view.render(ValidationResultsPageRenderer(run_info_at_end=False).render(validation))
    sections: Any = lxml.html.document_fromstring(whole).xpath("//div[contains(@class, 'ge-section')]")
    kept = []
    for section in sections[1:]:  # the first one counts the checks and names the frame, which has no name
        for element in section.xpath(
            ".//script | .//link | .//button | .//a[@data-toggle] | .//*[contains(@class, 'collapse')]"
        ):
            element.drop_tree()
        for element in section.iter():
            for name in [n for n in element.attrib if n != "class"]:
                del element.attrib[name]
        for link in section.xpath(".//a"):
            link.drop_tag()
        kept.append(lxml.html.tostring(section, encoding="unicode", with_tail=False))
    return "\n".join("\n".join(line for line in part.splitlines() if line.strip()) for part in kept)
