"""What is installed is exactly what was locked, and no version that is known to be faulty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from packaging.version import Version

ROOT: Final = Path(__file__).parents[3]
LOCKS: Final = sorted(path.name for path in ROOT.glob("*.lock"))
_PINNED: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[^\]]+\])?==(?P<version>[^\s;]+)")
_HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_AUDITED: Final = re.compile(r"^\| `(?P<name>[a-z0-9-]+)` \| \S+ \| (?P<fixed>\S+) \|")


def requirements(name: str) -> Iterator[str]:
    """Each with what belongs to it, in one line; comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    yield from filter(None, re.sub(r"\\\n\s*", " ", text).splitlines())


def pinned(name: str) -> dict[str, list[Version]]:
    """The versions that a lock has of each package, by its name."""
    found: dict[str, list[Version]] = {}
    for requirement in requirements(name):
        match = _PINNED.match(requirement)
        assert match, requirement
        found.setdefault(match["name"], []).append(Version(match["version"]))
    return found


def test_there_are_locks() -> None:
    assert {"requirements.lock", "requirements-dev.lock"} <= set(LOCKS)


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_pinned_with_its_hashes(name: str) -> None:
    seen = 0
    for requirement in requirements(name):
        assert _PINNED.match(requirement), f"not pinned: {requirement[:80]}"
        assert _HASH.search(requirement), f"no hash: {requirement[:80]}"
        seen += 1
    assert seen > 50


@pytest.mark.parametrize("name", LOCKS)
def test_nothing_comes_from_an_address(name: str) -> None:
    text = (ROOT / name).read_text()
    for sign in ("://", "git+", "--index-url", "--extra-index-url", "--find-links", "@ file"):
        assert sign not in text


def test_no_version_is_older_than_the_fixes_that_were_looked_up() -> None:
    """The table of docs/security.md: a lock that goes back behind it fails here."""
    lines = (ROOT / "docs" / "security.md").read_text().splitlines()
    audited = [match for line in lines if (match := _AUDITED.match(line))]
    assert len(audited) > 10
    locked = pinned("requirements.lock")
    for row in audited:
        (version, *others) = locked[row["name"]]
        assert not others
        if row["fixed"] != "-":
            assert version >= Version(row["fixed"]), row["name"]
