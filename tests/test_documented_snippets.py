"""Every block of code in the README, in CONTRIBUTING and in docs/ is run, or a rule says why it is not and where it is.

Queries run as they stand, in a folder in which ``data/lake`` is a lake of the newsroom, as `make run` leaves it; so
nothing in them is replaced. Commands are run by tests/test_documented_commands.py.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from klartext.lake import Lake
from klartext.maintenance.takedown import take_down
from klartext.sources import PROJECT, Source
from support.command_line import run
from support.documented_commands import commands
from support.documents import Block, blocks, documents

BLOCKS = [block for path in documents() for block in blocks(path)]
WITHOUT_LANGUAGE = ("", "sh", "bash", "shell", "console")


def query(block: Block) -> bool:
    """Runs here."""
    return block.language in ("python", "sql") and not any(rule(block) for rule in (object_store, spark))


def object_store(block: Block) -> bool:
    """Needs an object store: tests/lake/test_consuming.py has one."""
    return block.language == "python" and '"s3://' in block.code


def spark(block: Block) -> bool:
    """Needs Java and minutes: tests/soak/test_spark.py."""
    return block.language == "python" and bool(re.search(r"\bspark\b", block.code))


def shell(block: Block) -> bool:
    """Commands: tests/test_documented_commands.py runs them, or lists them."""
    return block.language in WITHOUT_LANGUAGE and bool(commands(f"```\n{block.code}```\n"))


def source_file(block: Block) -> bool:
    """A source file, or a part of one: is read here."""
    return block.language == "yaml"


def folders(block: Block) -> bool:
    """A list of folders: is compared with the project here."""
    return block.language == "" and re.match(r"\w+/ +\w", block.code) is not None


def drawing(block: Block) -> bool:
    """Lines and arrows: there is nothing to run."""
    return block.language == "" and bool(re.search("[│┌▼]", block.code)) and not shell(block)


def output(block: Block) -> bool:
    """What a command prints, with pages that are not the newsroom's: the tests of that command compare it."""
    return block.language == "text"


RULES: list[Callable[[Block], bool]] = [
    query, object_store, spark, shell, source_file, folders, drawing, output
]  # fmt: skip
OF_RULE = {rule.__name__: [block for block in BLOCKS if rule(block)] for rule in RULES}


@pytest.fixture(scope="module")
def root(newsroom_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the newsroom's lake, from which an article was taken down, and copies that the documents name."""
    root = tmp_path_factory.mktemp("reader")
    shutil.copytree(newsroom_lake / "data", root / "data")
    view = f"read_parquet('{root}/data/lake/articles/**/*.parquet')"
    address = f"SELECT canonical_url FROM {view} WHERE article_id LIKE 'telex8:%' ORDER BY article_id DESC LIMIT 1"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLARTEXT_SOURCES", f"{PROJECT / 'include/sources'}:{newsroom_lake / 'sources'}")
        take_down(Lake.open(str(root / "data")), duckdb.sql(address).fetchall()[0][0], "a test")
    assert run("export", "--data", root / "data", "--to", root / "snapshots" / "2024-05-17").exit_code == 0
    duckdb.sql(f"""
        COPY (SELECT article_id, 'another' AS version_id FROM {view} WHERE article_id LIKE 'kontorblatt:%'
              UNION ALL SELECT 'kontorblatt:1', 'gone') TO '{root}/copy.parquet'
    """)
    return root


def rows(found: Any) -> int:
    """The number of rows of a result of any reader."""
    return len(found) if hasattr(found, "__len__") else len(found.fetchall())


def result(code: str) -> str | None:
    """The name that a snippet gives its result, None if it prints it."""
    last = ast.parse(code).body[-1]
    return last.targets[0].id if isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name) else None


@pytest.mark.parametrize("block", OF_RULE["query"], ids=str)
def test_queries_give_rows(
    block: Block, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    if block.language == "sql":
        assert rows(duckdb.sql(block.code)) > 0
        return
    names: dict[str, Any] = {}
    exec(compile(block.code, str(block), "exec"), names)
    if name := result(block.code):
        assert rows(names[name]) > 0
        print(names[name])
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) > 3
    assert re.search(r"kontorblatt|\d{4}-\d\d|article_id", printed)


@pytest.mark.parametrize("block", OF_RULE["shell"], ids=str)
def test_every_line_of_a_shell_block_is_a_command(block: Block) -> None:
    lines = re.sub(r"\\\n\s*", " ", block.code).splitlines()
    written = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert len(commands(f"```\n{block.code}```\n")) == len(written), "a line that no test runs"


@pytest.mark.parametrize("block", OF_RULE["source_file"], ids=str)
def test_source_files_are_valid(block: Block) -> None:
    described = yaml.safe_load(block.code.replace("    …\n", ""))
    if "slug" not in described:
        whole = next(other for other in OF_RULE["source_file"] if other != block and "slug" in other.code)
        described = yaml.safe_load(whole.code) | described
    assert Source.model_validate(described).slug == described["slug"]


@pytest.mark.parametrize("block", OF_RULE["folders"], ids=str)
def test_folders_that_are_listed_exist(block: Block) -> None:
    above: dict[int, Path] = {-1: PROJECT}
    lines = [re.match(r"( *)([\w.]+)/(?: |$)", line) for line in block.code.splitlines()]
    assert any(lines)
    for line in filter(None, lines):
        depth = len(line[1])
        parent = above[max(other for other in above if other < depth)]
        above = {other: path for other, path in above.items() if other < depth} | {depth: parent / line[2]}
        assert above[depth].is_dir(), line[0]


def test_every_block_is_run_or_a_rule_says_where() -> None:
    for block in BLOCKS:
        rules = [name for name, of in OF_RULE.items() if block in of]
        assert len(rules) == 1, f"{block}: {'no test runs it' if not rules else f'more than one rule: {rules}'}"
    assert all(OF_RULE.values()), "a rule without a block"
    assert all(rule.__doc__ for rule in RULES)


def test_blocks_are_found_however_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(
        "one\n\n```python\na = 1\n\n    b\n```\n\n~~~sql\nFROM x\n~~~\n\n    make run\n\n    make up\ntext\n"
        "    no block\n\n````\n```\nc\n```\n````\n  ```sh\n  d\n  ```\n",
        "utf-8",
    )
    found = [(block.line, block.language, block.code) for block in blocks(path)]
    assert found == [
        (3, "python", "a = 1\n\n    b\n"), (9, "sql", "FROM x\n"), (13, "", "make run\n\nmake up\n"),
        (19, "", "```\nc\n```\n"), (24, "sh", "  d\n"),
    ]  # fmt: skip
