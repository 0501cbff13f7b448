"""The commands as a person types them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from klartext import model
from support import sample_pages
from support.command_line import HTML, End, rows, run


def test_an_html_file_and_its_address_are_read_as_an_article(html: Path) -> None:
    shown = run("extract", html, "--url", sample_pages.URL)
    assert shown.exit_code == 0
    output = " ".join(shown.stdout.split())
    for words in (
        sample_pages.TITLE,
        sample_pages.LEAD,
        *sample_pages.STORY,
        "Wiebke Petersen",
        "2024-05-20T07:00:41+00:00",
        sample_pages.URL,
    ):
        assert words in output
    assert "Ein Moor" not in shown.stdout
    assert "1 articles, 0 teasers on their pages, 0 rejects" in shown.stderr


def test_an_html_file_that_says_its_address_needs_none(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        HTML.replace("<head>", f'<head><link rel="canonical" href="{sample_pages.URL}">'), "utf-8"
    )
    shown = run("extract", "page.html")
    assert (shown.exit_code, sample_pages.URL in shown.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["extract", "page.html"], "the page does not say its address; give it with --url"),
        (["extract", "fehlt.html"], "No such file or directory"),
        (["extract", "."], "is a folder; name HTML files or WARC files"),
        (["extract", "page.html", "page.html", "--url", sample_pages.URL], "--url is the address of one HTML file"),
        (["extract", "page.html", "--url", sample_pages.URL, "--out", "a.csv"], "that ends in .parquet or .jsonl"),
        (["extract", "page.html", "--url", sample_pages.URL, "--out", "weg/rows.jsonl"], "a folder that you may write"),
        (["validate", "fehlt.parquet"], "fehlt.parquet"),
        (["discover", "niemand", "--from", "2024-05-14"], "no source 'niemand'; known are"),
        (["discover", "dwn", "--from", "irgendwann"], "--from"),
        (["extract", "--url", "https://www.zeit.de/x"], "run: klartext explain https://www.zeit.de/x"),
        (["discover"], "Missing argument"),
        (["nichts"], "No such command"),
    ],
)  # fmt: skip
def test_what_a_person_can_cause_ends_in_a_sentence_and_code_2(
    html: Path, ends: End, words: list[str], message: str
) -> None:
    code, said = ends(*words)
    assert code == 2
    assert message in said


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_rows_of_a_warc_file_have_all_columns(captures: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"articles.{ending}"
    done = run("extract", captures, "--out", target)
    assert done.exit_code == 0
    assert "2 articles, 0 teasers on their pages, 1 rejects" in done.stderr
    assert "leer-4713.html: no-text:" in done.stderr
    made = rows(target)
    assert made[0]["url"] == sample_pages.URL
    assert all(list(row) == model.schema(model.Article).names for row in made)
    assert made[0]["text"] == "\n".join(sample_pages.STORY)
    assert made[0]["capture"]["file"] == "pages.warc.gz"  # type: ignore[index]
    if ending == "jsonl":
        assert made[0]["published_at"] == "2024-05-20T07:00:41+00:00"
    else:
        assert pq.read_schema(target).equals(model.schema(model.Article))
        assert made[0]["published_at"] == dt.datetime(2024, 5, 20, 7, 0, 41, tzinfo=dt.UTC)


def test_a_truncated_warc_file_gives_what_can_be_read(captures: Path) -> None:
    whole = captures.read_bytes()
    captures.write_bytes(whole[: len(whole) * 2 // 3])
    done = run("extract", captures, "--out", "articles.jsonl")
    assert done.exit_code == 0
    assert [row["url"] for row in rows(Path("articles.jsonl"))] == [sample_pages.URL]
    assert any(reason in done.stderr for reason in ("record-truncated", "warc-damaged", "payload-damaged"))


def test_a_file_without_an_article_is_told_with_code_1(tmp_path: Path) -> None:
    (tmp_path / "leer.html").write_text("")
    done = run("extract", "leer.html", "--url", sample_pages.URL)
    assert done.exit_code == 1
    assert f"{sample_pages.URL}: empty: the payload is empty" in done.stderr


def test_explain_shows_every_line_with_what_decided(html: Path) -> None:
    shown = run("extract", html, "--url", sample_pages.URL, "--explain").stdout
    lines = shown.splitlines()
    kept = [line for line in lines if line.startswith("+")]
    assert len(kept) == len(sample_pages.STORY)
    assert all(story[:60] in line for line, story in zip(kept, sample_pages.STORY, strict=True))
    (removed,) = [line for line in lines if "Ein Moor wird nass" in line]
    assert removed.startswith("- teaser-link")
    (lead,) = [line for line in lines if sample_pages.LEAD[:60] in line]
    assert "lead" in lead
    assert "Impressum" in shown
    assert [line for line in lines if line.startswith("removed:")] == ["removed: lead 1, teaser-link 1"]


def test_explain_shows_the_whole_page_where_rules_name_a_container(tmp_path: Path) -> None:
    url = "https://www.zeit.de/region/2024-05/deich-in-nordkrog"
    (tmp_path / "page.html").write_text(HTML.replace("article-body", "article-page"), "utf-8")
    lines = run("extract", "page.html", "--url", url, "--explain").stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("+")] == ["in-body"] * len(sample_pages.STORY)
    (outside,) = [line for line in lines if "Impressum" in line]
    assert outside.split() == ["outside-container", "Impressum"]


def test_explain_shows_a_page_of_which_no_article_was_made(tmp_path: Path) -> None:
    links = '<ul><li><a href="/a">Politik</a></li><li><a href="/b">Sport</a></li></ul><p><a href="/i">Impressum</a></p>'
    (tmp_path / "page.html").write_text(f"<h1>Der Tag in Nordkrog</h1>{links}", "utf-8")
    done = run("extract", "page.html", "--url", sample_pages.URL, "--explain")
    assert (done.exit_code, "Impressum" in done.stdout, "no-text" in done.stderr) == (1, True, True)


def test_explain_tells_of_rules_that_were_not_believed(tmp_path: Path) -> None:
    body = "\n".join(f'<div class="newsbox"><p>{line}</p></div>' for line in sample_pages.STORY)
    (tmp_path / "page.html").write_text(sample_pages.page(body), "utf-8")
    shown = run("extract", "page.html", "--url", sample_pages.URL, "--explain").stdout
    assert "rules not applied, because they would remove more than a third: teaser-card" in shown


def test_brackets_in_a_text_are_no_markup(tmp_path: Path) -> None:
    line = "Der Deichgraf [red]sagte[/red] dazu: [bold]nichts[/], und das mit Absicht."
    (tmp_path / "page.html").write_text(sample_pages.page(sample_pages.lines(inside=f"<p>{line}</p>")), "utf-8")
    for words in ([], ["--explain"]):
        assert line in run("extract", "page.html", "--url", sample_pages.URL, *words).stdout


def test_the_sources_own_rules_are_known_by_the_host_and_can_be_left_out(tmp_path: Path) -> None:
    url = "https://www.zeit.de/region/2024-05/deich-in-nordkrog"
    (tmp_path / "page.html").write_text(HTML, "utf-8")
    assert run("extract", "page.html", "--url", url, "--out", "mit.jsonl").exit_code == 0
    assert run("extract", "page.html", "--url", url, "--generic", "--out", "ohne.jsonl").exit_code == 0
    assert str(rows(Path("mit.jsonl"))[0]["rules"]).startswith("zeit ")
    assert rows(Path("ohne.jsonl"))[0]["rules"] == "generic"


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_what_extract_writes_validate_reads(captures: Path, ending: str) -> None:
    assert run("extract", captures, "--out", f"articles.{ending}").exit_code == 0
    done = run("validate", f"articles.{ending}", "--out", f"accepted.{ending}")
    assert (done.exit_code, "2 accepted, 0 rejected" in done.stderr) == (0, True), done.output
    assert rows(Path(f"accepted.{ending}")) == rows(Path(f"articles.{ending}"))


def test_validate_says_why(captures: Path) -> None:
    run("extract", captures, "--out", "articles.jsonl")
    first, second = rows(Path("articles.jsonl"))
    bad = {**second, "text": "Kurz."}
    Path("bad.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (first, bad)), "utf-8")
    done = run("validate", "bad.jsonl")
    assert done.exit_code == 1
    assert "1 accepted, 1 rejected" in done.stderr
    assert "suederkrog" in done.stdout


def test_sources_are_listed_and_their_files_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: End) -> None:
    shown = run("sources").stdout
    assert all(name in shown for name in ("dwn", "ntv", "tagesspiegel", "zeit", "Deutsche Wirtschafts Nachrichten"))
    (tmp_path / "falsch.yaml").write_text("slug: falsch\nname: Falsch\nhosts: [falsch.example]\nfeeds: []\n")
    monkeypatch.setenv("KLARTEXT_SOURCES", str(tmp_path))
    code, said = ends("sources")
    assert code == 2
    assert "falsch.yaml: feeds: unknown key; allowed are" in said


@pytest.mark.usefixtures("press_sources")
def test_discover_fetch_extract_validate_by_hand(ends: End) -> None:
    done = run("discover", "kontorblatt", "--from", "2024-05-14", "--out", "candidates.jsonl")
    assert done.exit_code == 0, done.output
    wanted = rows(Path("candidates.jsonl"))
    assert wanted
    Path("some.jsonl").write_text("".join(json.dumps(row) + "\n" for row in wanted[:2]), "utf-8")
    done = run("fetch", "some.jsonl", "--out", "pages.warc.gz")
    assert done.exit_code == 0, done.output
    assert "2 of 2 captured" in done.stderr
    done = run("extract", "pages.warc.gz", "--out", "articles.parquet")
    assert done.exit_code == 0, done.output
    made = rows(Path("articles.parquet"))
    assert len(made) == 2
    assert all(str(row["rules"]).startswith("kontorblatt") for row in made)
    assert run("validate", "articles.parquet").exit_code == 0
    again, said = ends("fetch", "some.jsonl", "--out", "pages.warc.gz")
    assert again == 2
    assert "pages.warc.gz" in said


@pytest.mark.parametrize("content", ["<!-- nichts -->", "", "\x00\x01", "%PDF-1.7", "nur Text", "{}"])
def test_a_file_that_is_no_page_is_told_of_whatever_it_is(tmp_path: Path, ends: End, content: str) -> None:
    (tmp_path / "page.html").write_text(content)
    code, said = ends("extract", "page.html")
    assert code == 2
    assert "the page does not say its address" in said
    done = run("extract", "page.html", "--url", sample_pages.URL)
    assert done.exit_code == 1
    assert "1 rejects" in done.stderr
