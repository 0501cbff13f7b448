"""Every command of the README, of CONTRIBUTING and of docs/ is run, in the order of the document but for take-downs.

Commands of ``klartext`` run on a copy of the lake of the newsroom, those of ``airflow`` in a home of the test. The
documents name real publishers and days; :data:`STAND_INS` are what the test has instead. What cannot run here is listed
with what is checked instead: a command that is in neither fails the test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import newsroom
from klartext.lake import Lake, read_month
from klartext.sources import DEFAULT_DIRECTORIES, PROJECT
from support.command_line import run
from support.documented_commands import commands, words
from support.documents import documents
from support.mail_server import MailServer

SLUG = "kontorblatt"
DOCUMENTS = [str(path.relative_to(PROJECT)) for path in documents()]
STAND_INS = [
    (r"\bhttps://(?:www\.zeit\.de/)?…|\bURL\b", "{url}"),
    (r"(?<= )(?:dwn|zeit|faz\.net|faz|other|SOURCE)(?= |$)", SLUG),
    (r"s3://bucket/german", "german"),
    (r"--from …|--from 20\d\d-\d\d-\d\d", "--from 2024-05-14"),
    (r"--to …|--to 20\d\d-\d\d-\d\d", "--to 2024-05-15"),
    (r"replay(?: kontorblatt)?(?: …)?$", "replay kontorblatt --from 2024-05-14 --to 2024-05-15"),
]
"""Of commands of ``klartext``: patterns, and what the lake of the test has."""


def make_target(line: str) -> None:
    """`make` runs other tests, or takes minutes: the target exists."""
    target = words(line)[1]
    assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE), line


def compose(line: str) -> None:
    """There is no Docker here: the file and its profiles are those of tests/deploy/test_compose.py."""
    services = yaml.safe_load((PROJECT / "compose.yaml").read_text("utf-8"))["services"]
    for profile in re.findall(r"--profile (\S+)", line):
        assert any(profile in service.get("profiles", []) for service in services.values()), line


def helm(line: str) -> None:
    """There is no Kubernetes here: the files exist; the values are those of tests/deploy/test_helm_values.py."""
    for path in re.findall(r"-f (\S+)", line):
        assert path == "secrets.yaml" or (PROJECT / path).is_file(), f"{line}: {path}; secrets.yaml is the reader's"


def preload(line: str) -> None:
    """It never ends: what a Celery worker is started with, see tests/deploy/test_compose.py."""
    assert line.removeprefix("python -m ") in (PROJECT / "compose.yaml").read_text("utf-8").replace('", "', " ")


def bench(line: str) -> None:
    """It measures for minutes: the module exists."""
    assert (PROJECT / f"{words(line)[2].replace('.', '/')}.py").is_file(), line


def named(line: str) -> None:
    """The name of a command in a sentence, without the arguments that it needs: the command exists."""
    assert run(*words(line)[1:], "--help").exit_code == 0, line
    assert run(*words(line)[1:]).exit_code != 0, f"{line} needs no argument: it can be run"


def derived_page(line: str) -> None:
    """It would write into the project: tests of the module compare the page with what it prints."""
    module, page = re.fullmatch(r"python -m klartext\.(\w+) > (\S+)", line).groups()  # type: ignore[union-attr]
    assert (PROJECT / "tests" / f"test_{module}.py").is_file(), line
    assert (PROJECT / page).is_file(), line


ELSEWHERE = {
    r"python -m bench\.\w+.*": bench,
    r"python -m klartext\.\w+ > .*": derived_page,
    r"klartext (?:export|report)": named,
    r"airflow backfill create": lambda line: None,  # in a sentence: the name of the command
    r"make \w+.*": make_target,
    r"pre-commit install": lambda line: None,  # it writes into .git
    r"docker compose .*": compose,
    r"kubectl .*|helm .*": helm,
    r"python -m klartext_airflow\.preload .*": preload,
    r"klartext extract (?:pages\.warc\.gz|page\.html) .*|klartext extract pages\.warc\.gz|klartext validate .*"
    r"|klartext fetch https.*|klartext discover .*": lambda line: None,  # tests/cli: they need a file or the publisher
}
"""What does not run here, and what is checked instead."""


@pytest.fixture
def lake(newsroom_lake: Path, extraction_here: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A copy of the newsroom's lake. The newsroom itself has ended: commands have the captures, and make no request."""
    shutil.copytree(newsroom_lake / "data", tmp_path / "lake")
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "lake"))
    folders = [str(DEFAULT_DIRECTORIES), str(newsroom_lake / "sources")]
    monkeypatch.setenv("KLARTEXT_SOURCES", os.pathsep.join(folders))
    monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", "127.0.0.1,localhost")
    return Lake.open()


def documented(document: str, *programs: str) -> list[str]:
    """The commands of a document that begin with one of the programs, but for those that run elsewhere."""
    found = commands((PROJECT / document).read_text("utf-8"))
    return [line for line in found if line.split()[0] in programs and not elsewhere(line)]


def elsewhere(line: str) -> list[str]:
    return [pattern for pattern in ELSEWHERE if re.fullmatch(pattern, line)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_that_do_not_run_here_are_valid(document: str) -> None:
    for line in commands((PROJECT / document).read_text("utf-8")):
        for pattern in elsewhere(line):
            ELSEWHERE[pattern](line)


def test_each_reason_for_not_running_a_command_is_needed() -> None:
    found = {pattern for document in DOCUMENTS for line in commands((PROJECT / document).read_text("utf-8"))
             for pattern in elsewhere(line)}  # fmt: skip
    assert found == set(ELSEWHERE)


def test_klartext(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = read_month(lake, SLUG, "2024-05", ["url"])["url"][0].as_py()
    failed, repeated = [], set[str]()
    assert len(documented("README.md", "klartext")) > 10
    for number, document in enumerate(DOCUMENTS):
        own = shutil.copytree(tmp_path / "lake", tmp_path / str(number) / "data")
        monkeypatch.setenv("KLARTEXT_DATA", str(own))
        monkeypatch.chdir(own.parent)  # where the commands write files
        lines = documented(document, "klartext")
        # A page that was taken down is missing for other commands, and a table may name --undo before the rest.
        for line in sorted(lines, key=lambda line: "takedown" in line and 1 + ("--undo" in line)):
            stand_in = line
            for pattern, replacement in STAND_INS:
                stand_in = re.sub(pattern, replacement.format(url=url), stand_in)
            if stand_in in repeated:
                continue
            repeated.add(stand_in)  # on the same lake it gives the same again
            done = run(*words(stand_in)[1:])
            if done.exit_code or "Traceback" in done.output:
                failed.append(f"{line}\n  as {stand_in}: {done.exit_code} {done.exception!r}\n{done.output[-1500:]}")
    assert failed == [], "\n".join(failed)


AIRFLOW = """
import contextlib, datetime, io, json, os, runpy, sys, traceback
from airflow.cli import cli_parser
from airflow.models.backfill import Backfill
from airflow.utils.session import create_session
from sqlalchemy import update

def run(words):
    if words[0] == "airflow":
        arguments = cli_parser.get_parser().parse_args(words[1:])
        return arguments.func(arguments)
    sys.argv = words[2:]
    runpy.run_module(words[2], run_name="__main__", alter_sys=True)

done = []
for environment, words in json.load(sys.stdin):
    os.environ.update(environment)
    code, out = 0, io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            run(words)
    except SystemExit as ending:
        code = ending.code or 0
    except BaseException:
        code = 1
        traceback.print_exc(file=out)
    done.append([code, out.getvalue()])
    with create_session() as session:  # Airflow refuses a second backfill of a DAG while one runs
        session.execute(update(Backfill).values(completed_at=datetime.datetime.now(datetime.UTC)))
print("\\n" + json.dumps(done))
"""


@pytest.fixture
def home(airflow_home: Path, press: newsroom.Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An Airflow home of the test, with the DAGs of the shipped sources and of the newsroom's."""
    home = tmp_path / ".airflow"
    home.mkdir()
    shutil.copy(airflow_home / "airflow.db", home)
    folder = press.sources(tmp_path / "press")
    monkeypatch.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(DEFAULT_DIRECTORIES), str(folder)]))
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("AIRFLOW_HOME", str(home))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{home / 'airflow.db'}")
    yield home


def test_airflow(home: Path, mail_server: MailServer) -> None:
    steps: list[tuple[dict[str, str], list[str]]] = [({}, ["airflow", "dags", "reserialize"])]
    names = ["dags reserialize"]
    for document in DOCUMENTS:
        environment: dict[str, str] = {}
        for line in documented(document, "airflow", "python", "export"):
            first, *rest = words(line)
            if first == "export":
                name, _, value = rest[0].partition("=")
                if name == "AIRFLOW_HOME":
                    assert value == "$PWD/.airflow", "where `make up` has it"
                else:
                    environment[name] = value
                continue
            assert first == "airflow" or rest[:1] == ["-m"], line
            steps.append((environment, [first, *rest]))
            names.append(line)
    assert len(steps) > 8
    done = subprocess.run(
        [sys.executable, "-c", AIRFLOW], input=json.dumps(steps), capture_output=True, text=True, check=False, cwd=home
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results = json.loads(done.stdout.splitlines()[-1])
    failed = [f"{name}: {code}\n{out[-1500:]}" for name, (code, out) in zip(names, results, strict=True) if code]
    assert failed == [], "\n".join(failed)
    assert [mail["Subject"] for mail in mail_server.mails] == ["Klartext: test: a test message"]


def test_every_command_is_run_or_listed() -> None:
    programs = ("klartext", "airflow", "python", "export")
    for document in DOCUMENTS:
        for line in commands((PROJECT / document).read_text("utf-8")):
            assert elsewhere(line) or line.split()[0] in programs, f"{document}: no test runs `{line}`"


def test_commands_are_found_in_blocks_lines_and_spans() -> None:
    text = (
        "```\nexport A=1\n.venv/bin/klartext sources     # a remark\nairflow pools set x \\\n    0\n```\n"
        "```python\nmake = 1\n```\n"
        "see `klartext rejects\n--site a`, `klartext`, `klartext-fernet` and `KLARTEXT_PORT=1 make up`\n\n"
        "    airflow dags trigger x\n"
    )
    assert commands(text) == [
        "export A=1", "klartext sources", "airflow pools set x 0", "klartext rejects --site a", "make up",
        "airflow dags trigger x",
    ]  # fmt: skip
