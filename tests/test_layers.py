"""The layers of ``klartext``: no circle of imports, steps apart from each other, one place for the layout of files."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

INCLUDE = Path(__file__).parents[1] / "include"
STEPS = ("discover", "fetch", "extract", "validate", "publish", "curate", "link")


def modules(root: Path) -> dict[str, Path]:
    """The modules of a package below ``root`` by their dotted names."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_names(path: Path, package: str) -> set[str]:
    """Dotted names of everything that a file imports, at its top, in functions and for type checking."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [package.rsplit(".", node.level - 1)[0] if node.level else "", node.module]))
            found |= {f"{base}.{alias.name}" for alias in node.names} | {base}
    return found


def import_graph(root: Path) -> dict[str, set[str]]:
    """Each module with the modules below ``root`` that it imports. ``from package import module`` imports the module;
    ``from package import name`` the package."""
    files = modules(root)
    graph = {}
    for module, path in files.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        names = imported_names(path, package)
        of_package = {name.rpartition(".")[0] for name in names if name not in files}
        graph[module] = {n for n in names if n in files and (n in of_package or not _is_only_parent(n, names, files))}
        graph[module].discard(module)
    return graph


def _is_only_parent(name: str, names: set[str], files: Mapping[str, Path]) -> bool:
    """True for a package of which only submodules are imported."""
    return files[name].name == "__init__.py" and any(other.rpartition(".")[0] == name for other in names & files.keys())


def circles(graph: Mapping[str, Iterable[str]]) -> set[frozenset[str]]:
    """Groups of modules that import each other, directly or through others (strongly connected components)."""
    reached = {start: _reachable(graph, start) for start in graph}
    groups = {frozenset(other for other in found if start in reached[other]) for start, found in reached.items()}
    return {group for group in groups if group}


def _reachable(graph: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = list(graph[start])
    while todo:
        module = todo.pop()
        if module not in found:
            found.add(module)
            todo += graph[module]
    return found


GRAPH = import_graph(INCLUDE)
KLARTEXT = {module: found for module, found in GRAPH.items() if module.split(".")[0] == "klartext"}


def step_of(module: str) -> str | None:
    """The step to whose package a module belongs, if any."""
    return next((part for part in module.split(".")[1:2] if part in STEPS), None)


def test_no_circle_of_imports() -> None:
    assert circles(KLARTEXT) == set()


def test_steps_do_not_import_each_other() -> None:
    found = {
        (module, other)
        for module, imported in KLARTEXT.items()
        for other in imported
        if step_of(module) and step_of(other) and step_of(module) != step_of(other)
    }
    assert found == set()


def test_only_the_lake_and_its_maintenance_know_the_layout() -> None:
    users = {module for module, imported in GRAPH.items() if "klartext.lake.layout" in imported}
    assert "klartext.lake.lake" in users
    assert {m for m in users if not m.startswith(("klartext.lake", "klartext.maintenance"))} == set()


def test_klartext_does_not_import_airflow_or_what_runs_it() -> None:
    names = {name.split(".")[0] for module, path in modules(INCLUDE).items() if module in KLARTEXT
             for name in imported_names(path, module.rpartition(".")[0])}  # fmt: skip
    assert {"klartext", "pyarrow"} <= names
    assert names.isdisjoint({"airflow", "klartext_airflow", "local_airflow", "newsroom"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from p import b", {"p.b"}),
        ("from p.b import x", {"p.b"}),
        ("import p.b", {"p.b"}),
        ("from p import x", {"p"}),
        ("from p import x, b", {"p", "p.b"}),
        ("from . import b", {"p.b"}),
        ("from .b import x", {"p.b"}),
        ("def f():\n    from p.b import x", {"p.b"}),
        ("if TYPE_CHECKING:\n    from p.b import x", {"p.b"}),
    ],
)
def test_every_form_of_import_is_found(tmp_path: Path, source: str, expected: set[str]) -> None:
    (tmp_path / "p").mkdir()
    for name, content in {"__init__": "x = 1", "a": source, "b": "x = 1"}.items():
        (tmp_path / "p" / f"{name}.py").write_text(content)
    assert import_graph(tmp_path)["p.a"] == expected


def test_circles_are_found_and_chains_are_not() -> None:
    chain = {"a": {"b"}, "b": {"c"}, "c": set[str]()}
    assert circles(chain) == set()
    for back, group in itertools.product(["c"], [{"a"}, {"b"}]):
        assert circles({**chain, back: group}) == {frozenset({"a", "b", "c"} if group == {"a"} else {"b", "c"})}


def test_formats_and_the_lake_do_not_import_the_crawler() -> None:
    below = ("klartext.warc", "klartext.sources", "klartext.lake", "klartext.dates", "klartext.http_body")
    found = {module: imports for module, imports in KLARTEXT.items() if module.startswith(below)}
    assert len(found) > 20
    assert {
        module for module, imports in found.items() if any(n.startswith("klartext.crawler") for n in imports)
    } == set()
