from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from klartext.crawler import CrawlRequest, CrawlResult, Job, Limits, allowed_hosts, user_agent
from klartext.warc.exchange import WarcOutput

ASK = CrawlRequest(
    url="https://beispiel.de/ä", via="urn:x", headers={"Accept-Datetime": "…"}, context={"day": "2024-05-14"}
)


def test_a_job_comes_through_json_as_it_was() -> None:
    job = Job(
        hosts=["beispiel.de"],
        requests=[ASK],
        delay=1.5,
        limits=Limits(size=7),
        output=WarcOutput(path="/x", info={"a": "b"}),
    )
    assert Job.from_json(job.to_json()) == job
    assert "\n" not in job.to_json()


def test_an_answer_comes_through_json_as_it_was() -> None:
    moment = dt.datetime(2024, 5, 14, 12, 0, 0, 5, dt.UTC)
    answer = CrawlResult(request=ASK, outcome="failed", reason="timeout", at=moment, rows=[{"url": "u\n"}])
    assert CrawlResult.from_json(answer.to_json()) == answer
    assert "\n" not in answer.to_json()


def test_nothing_heavy_is_loaded_by_those_who_only_name_the_steps() -> None:
    heavy = {"scrapy", "twisted", "feedparser", "pandas", "trafilatura", "great_expectations", "airflow"}
    code = "import sys, klartext.discover, klartext.fetch; klartext.discover.discover_batch; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "klartext.fetch.step" in loaded
    assert heavy.isdisjoint(loaded)


def test_the_user_agent_says_who_and_where_to_complain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARTEXT_CONTACT", "mailto:wir@beispiel.de")
    assert user_agent().startswith("Klartext/")
    assert user_agent().endswith(" (+mailto:wir@beispiel.de)")
    monkeypatch.delenv("KLARTEXT_CONTACT")
    assert "(" not in user_agent()


def test_allowed_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", "127.0.0.1:8801, LOCALHOST:9,,")
    assert allowed_hosts() == ["127.0.0.1:8801", "localhost:9"]
    monkeypatch.delenv("KLARTEXT_ALLOW_HOSTS")
    assert allowed_hosts() == []
