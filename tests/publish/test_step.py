"""A batch owns its files: published again, cut off and published again, or emptied, the lake ends the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from klartext.lake import Lake, LakeError, summary
from klartext.publish import publish_batch
from support.object_store import Bucket
from support.sample_lake import contents, publish, republish, stage
from support.sample_rows import article, batch, fetch, moment, reject, teaser


def test_a_batch_has_one_file_in_each_table(lake: Lake) -> None:
    stage(lake, batch(), [article(1), article(2)], [teaser(1)], [reject(3)], [fetch(n) for n in (1, 2, 3)])
    published = publish_batch(lake, batch())
    assert published == {"partitions": ["dwn|2024-05"], "articles": 2, "teasers": 1, "rejects": 1, "fetches": 3}
    assert list(contents(lake)) == [
        f"lake/{table}/source=dwn/date=2024-05-01/dwn-2024-05-01.parquet"
        for table in ("batches", "fetches", "rejects", "teasers", "versions")
    ]


def test_a_rerun_leaves_the_same_bytes_and_names_the_same_partitions(lake: Lake) -> None:
    stage(lake, batch(), [article(1), article(2)], [teaser(1)], [reject(3)], [fetch(1)])
    first, before = republish(lake, batch()), contents(lake)
    assert republish(lake, batch()) == first
    assert contents(lake) == before


def test_a_batch_without_rows_has_no_files_and_takes_its_former_ones_away(lake: Lake) -> None:
    stage(lake, batch(), [article(1)], [teaser(1)], [reject(3)], [fetch(1)])
    republish(lake, batch())
    assert publish(lake, batch()) == ["dwn|2024-05"]
    assert contents(lake) == {}


def test_what_has_not_been_staged_is_not_taken_for_empty(lake: Lake) -> None:
    publish(lake, batch(), article(1))
    before = contents(lake)
    lake.unstage(batch(), "versions")
    lake.unstage(batch(), "teasers")
    with pytest.raises(LakeError, match="staged no teasers, versions"):
        publish_batch(lake, batch())
    assert contents(lake) == before


def test_partitions_that_the_former_rows_were_in_are_touched(lake: Lake) -> None:
    april = article(1, published_at=moment("2024-04-10T08:00"))
    assert publish(lake, batch(), april) == ["dwn|2024-04"]
    assert publish(lake, batch(), article(1)) == ["dwn|2024-04", "dwn|2024-05"]
    assert [name for name in contents(lake) if "/articles/" in name] == [
        "lake/articles/source=dwn/month=2024-05/articles.parquet"
    ]


def test_captures_of_one_content_are_one_version_the_earliest(lake: Lake) -> None:
    captures = [article(1, fetched_at=moment(f"2024-05-0{day}T04:00")) for day in (4, 2, 3)]
    publish(lake, batch(), *captures)
    versions = lake.published(batch(), "versions")
    assert versions is not None
    assert versions["fetched_at"].to_pylist() == [moment("2024-05-02T04:00")]


def test_an_edit_that_is_taken_back_is_three_versions(lake: Lake) -> None:
    titles = {"2024-05-02T04:00": "Erst so", "2024-05-03T04:00": "Dann anders", "2024-05-04T04:00": "Erst so"}
    publish(lake, batch(), *(article(1, title=title, fetched_at=moment(at)) for at, title in titles.items()))
    versions = lake.published(batch(), "versions")
    assert versions is not None
    assert versions["title"].to_pylist() == list(titles.values())


def test_an_object_store_ends_with_the_same_files(tmp_path: Path, bucket: Bucket) -> None:
    lake, store = Lake.open(str(tmp_path / "lake")), bucket.lake("same-files")
    for each in (lake, store):
        publish(each, batch(), article(1), article(2))
        stage(each, batch("2024-05-02"), [article(1, title="Anders", fetched_at=moment("2024-05-03T04:00"))],
              [teaser(1)], [reject(3)], [fetch(1)])  # fmt: skip
        republish(each, batch("2024-05-02"))
        publish(each, batch(), article(2))
    assert contents(store) == contents(lake)
    assert summary(store) == summary(lake)
