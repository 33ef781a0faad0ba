"""The doors between the rooms: who may import whom. Imports inside functions count as well."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("engine", "desktop", "installers", "resources")
TOP_LEVEL = {
    "pyproject.toml",
    "README.md",
    "desktop",
    "engine",
    "resources",
    "installers",
    "tests",
    "Makefile",
    "LICENSE",
}
QT_AND_KEYRING = {"PySide6", "shiboken6", "keyring"}
SERVER_LIBRARIES = {"starlette", "uvicorn", "pydantic", "pydantic_core", "anyio"}
MAX_LINES = 400


def modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports at run time, relative imports resolved."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in _run_time_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: imports are absolute here"
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _run_time_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`, which never run."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _run_time_nodes(child)


def top(name: str) -> str:
    return name.partition(".")[0]


def is_within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def offenders(folder: str, forbidden: object) -> list[str]:
    """ "module imports name" for each import for which forbidden(module, name) is true."""
    assert callable(forbidden)
    return [
        f"{name_of(path)} imports {name}"
        for path in modules(folder)
        for name in imports(path)
        if forbidden(name_of(path), name)
    ]


def test_types_and_errors_know_only_the_standard_library() -> None:
    for module in ("engine.types", "engine.errors", "engine.cancellation"):
        assert not offenders(
            "engine",
            lambda path, name, module=module: (
                path == module and top(name) not in sys.stdlib_module_names
            ),
        )


def test_the_engine_knows_no_window_and_no_keyring() -> None:
    assert not offenders("engine", lambda _, name: top(name) in {"desktop", *QT_AND_KEYRING})


def test_only_the_runtime_imports_onnxruntime() -> None:
    for folder in PACKAGES:
        assert not offenders(
            folder,
            lambda path, name: top(name) == "onnxruntime" and not is_within(path, "engine.runtime"),
        )


def test_the_server_sees_values_and_errors_only() -> None:
    allowed = ("engine.types", "engine.errors", "engine.server")
    assert not offenders(
        "engine/server",
        lambda _, name: (
            not (
                is_within(name, *allowed)
                or top(name) in sys.stdlib_module_names
                or top(name) in SERVER_LIBRARIES
            )
        ),
    )


def test_no_part_of_the_engine_imports_a_front_end() -> None:
    fronts = ("engine.cli", "engine.server")
    assert not offenders(
        "engine",
        lambda path, name: is_within(name, *fronts) and not is_within(path, *fronts),
    )


def test_formats_and_models_do_not_know_the_runtime() -> None:
    for folder in ("engine/formats", "engine/models"):
        assert not offenders(folder, lambda _, name: is_within(name, "engine.runtime"))


def test_the_window_reaches_the_engine_thread_by_its_bridge() -> None:
    wiring = ("desktop.bridge", "desktop.app")
    assert not offenders(
        "desktop",
        lambda path, name: (
            is_within(name, "engine.thread", "engine.generate", "engine.runtime")
            and path not in wiring
        ),
    )


def test_only_secrets_touches_the_keyring() -> None:
    assert not offenders(
        "desktop", lambda path, name: top(name) == "keyring" and path != "desktop.secrets"
    )


def test_nothing_but_the_tests_imports_the_tests() -> None:
    for folder in PACKAGES:
        assert not offenders(folder, lambda _, name: top(name) == "tests")


def test_the_window_starts_without_onnxruntime_and_numpy() -> None:
    """Their import takes as long as the window itself."""
    code = (
        "import sys, desktop.app, desktop.__main__\n"
        "heavy = {'onnxruntime', 'numpy', 'tokenizers', 'onnx', 'uvicorn'} & set(sys.modules)\n"
        "sys.exit(f'imported too early: {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_telemetry_is_off_before_onnxruntime_is_imported() -> None:
    first = (ROOT / "engine" / "runtime" / "__init__.py").read_text("utf-8")
    assert 'os.environ["ORT_DISABLE_TELEMETRY"] = "1"' in first
    assert "onnxruntime" not in {top(name) for name in imports(ROOT / "engine/runtime/__init__.py")}


def test_the_top_level_is_what_the_user_fixed() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_files_stay_short_enough_to_read() -> None:
    long = {
        name_of(path): count
        for folder in PACKAGES
        for path in modules(folder)
        if (count := len(path.read_text("utf-8").splitlines())) > MAX_LINES
    }
    assert not long


def test_the_doors_are_guarded(tmp_path: Path) -> None:
    """The checker itself: it sees imports inside functions, and not those for types only."""
    module = tmp_path / "broken.py"
    module.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import keyring\n"
        "def late():\n    from onnxruntime import InferenceSession\n",
        "utf-8",
    )
    assert list(imports(module)) == [
        "typing.TYPE_CHECKING",
        "onnxruntime.InferenceSession",
    ]
