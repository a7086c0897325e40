"""What docs/security.md claims is tested: every test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[2]
DOCUMENT: Final = TESTS.parent / "docs" / "security.md"
_NAMED: Final = re.compile(r"`(?P<path>[\w/.]*\.py)?(?:::(?P<name>test_\w+))?`")


def functions(path: Path) -> set[str]:
    """The names of the functions of a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)}


def test_every_test_that_is_named_is_there() -> None:
    path, named = "", 0
    for found in _NAMED.finditer(DOCUMENT.read_text()):
        path = found["path"] or path
        if not found["path"] and not found["name"]:
            continue
        assert (TESTS / path).is_file(), path
        if found["name"]:
            assert found["name"] in functions(TESTS / path), f"{path}::{found['name']}"
        named += 1
    assert named > 30
