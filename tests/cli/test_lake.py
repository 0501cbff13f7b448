"""`klartext lake` and `klartext rejects` on a small lake."""

from __future__ import annotations

from pathlib import Path

import pytest

from klartext import model
from klartext.lake import Lake, layout
from support.command_line import End, run
from support.sample_lake import republish, stage
from support.sample_rows import account, article, batch, reject


@pytest.fixture
def root(tmp_path: Path) -> str:
    lake = Lake.open(str(tmp_path / "lake"))
    stage(lake, batch(), [article(1)], [], [reject(2), reject(3, reasons=["title-too-short"], detail="Ja")])
    republish(lake, batch())
    return str(tmp_path / "lake")


def test_check_tells_what_is_wrong_and_rebuild_mends_it(root: str) -> None:
    view = Lake.open(root).storage
    assert run("lake", "check", "--no-captures", "--data", root).exit_code == 0
    view.remove(layout.month_file("dwn", "2024-05"))
    output = run("lake", "check", "--no-captures", "--data", root)
    assert (output.exit_code, "month=2024-05/articles.parquet: is missing" in output.stdout) == (1, True)
    assert "x--0.warc.gz: is missing" in run("lake", "check", "--data", root).stdout
    assert run("lake", "rebuild", "--data", root).exit_code == 0
    assert run("lake", "check", "--no-captures", "--data", root).exit_code == 0


def test_rejects_are_listed_with_their_reasons(root: str) -> None:
    output = run("rejects", "--data", root)
    assert output.exit_code == 0
    assert all(word in output.stdout for word in ("no-text", "nothing found", "title-too-short", article(3).url))
    only = run("rejects", "--data", root, "--reason", "title-too-short", "--source", "dwn", "--date", "2024-05-01")
    assert "no-text" not in only.stdout
    assert "title-too-short" in only.stdout
    assert "title-too-short" not in run("rejects", "--data", root, "--date", "2024-05-02").stdout


def test_rejects_go_to_a_file_whole(root: str, tmp_path: Path) -> None:
    assert run("rejects", "--data", root, "--out", str(tmp_path / "rows.jsonl")).exit_code == 0
    assert len((tmp_path / "rows.jsonl").read_text("utf-8").splitlines()) == 2


def test_a_folder_without_a_lake_is_no_empty_lake(ends: End, tmp_path: Path) -> None:
    for words in (["lake", "check"], ["lake", "rebuild"], ["rejects"]):
        code, output = ends(*words, "--data", tmp_path)
        assert (code, "nothing is published there" in output) == (2, True)


def test_an_article_is_taken_down_and_the_record_is_listed(root: str) -> None:
    url = article(1).canonical_url
    done = run("takedown", url, "--why", "letter of 3 May", "--by", "R. Redlich", "--data", root)
    assert done.exit_code == 0
    assert "(1 versions, 0 teasers, 0 rejects, 0 fetches); its captures are kept" in " ".join(done.stderr.split())
    assert not Lake.open(root).published_files("articles")
    output = run("takedown", "--list", "--data", root).stdout
    assert all(word in output for word in ("R. Redlich", "letter of 3 May", "kept", "done"))
    assert run("takedown", f"{url}?utm_source=again", "--why", "as before", "--captures", "--data", root).exit_code == 0
    assert "removed" in run("takedown", "--list", "--data", root).stdout
    assert "no longer taken down" in run("takedown", url, "--undo", "--data", root).stderr
    assert "R. Redlich" not in run("takedown", "--list", "--data", root).stdout


def test_a_take_down_says_what_it_lacks(ends: End, root: str) -> None:
    for words, lacks in ((["--why", "x"], "give the article's address"), ([article(1).url], "give the reason"),
                         ([article(1).url, "--undo"], "was not taken down")):  # fmt: skip
        code, output = ends("takedown", *words, "--data", root)
        assert (code, lacks in output) == (2, True)


def test_reasons_and_names_are_printed_as_they_are(root: str) -> None:
    url, why = article(1).canonical_url, "[/3 May] [red]\x1b[2J\u202eletter"
    assert run("takedown", url, "--why", why, "--by", "[/R.]", "--data", root).exit_code == 0
    listed = run("takedown", "--list", "--data", root)
    assert listed.exit_code == 0
    assert "[/3 May] [red]\ufffd[2J\ufffdletter" in listed.stdout
    assert "[/R.]" in listed.stdout


def test_batches_show_what_was_skipped_and_what_was_folded(root: str) -> None:
    lake = Lake.open(root)
    skipped = [
        model.Skipped(origin="https://dwn.example/feed", reason="entry-undated", count=12),
        model.Skipped(origin="https://dwn.example/1", reason=model.ARTICLES_FOLDED, count=1),
        model.Skipped(origin="https://dwn.example/2", reason=model.ARTICLES_FOLDED, count=1),
    ]
    row = account(batch(), verdict="warned", warnings=[model.ARTICLES_FOLDED], skipped=skipped)
    lake.publish(batch(), "batches", model.table(model.Account, [row]))
    shown = run("batches", "--data", root)
    assert shown.exit_code == 0
    assert "skipped or read in part: entry-undated 12, articles-folded 2" in shown.stdout
    assert "pages with one article_id at https://dwn.example/1, https://dwn.example/2" in shown.stdout
