"""Secrets that are nowhere but where they are kept, and a search for them in whatever form."""

from __future__ import annotations

import base64
import html
import json
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

PIECE: Final = 12
"""Characters of its beginning and of its end that give a secret away: it may be cut or wrapped."""


def canary(signs: str = '/"&+') -> str:
    """A secret as nobody else has; `signs` are written differently in URLs, JSON, HTML and SQL."""
    return secrets.token_hex(4) + signs + secrets.token_hex(8) + signs + secrets.token_hex(4)


def forms(secret: str) -> set[str]:
    """How a secret may be written."""
    raw = secret.encode()
    quoted = json.dumps(secret)[1:-1]
    found = {
        secret,
        quoted,
        json.dumps(quoted)[1:-1],
        repr(secret)[1:-1],
        repr(f"{secret}'")[1:-3],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        html.escape(secret),
        secret.replace("\\", "\\\\"),
        raw.hex(),
        raw.hex().upper(),
        raw.hex(":"),
    }
    return found | set(_base64(raw))


def _base64(raw: bytes) -> Iterator[str]:
    """What is always the same of it, whatever stands before and behind."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * before + raw).decode()
            yield text[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]


def pieces(secret: str) -> set[str]:
    """Any of them gives it away."""
    return {piece for form in forms(secret) for piece in (form[:PIECE], form[-PIECE:])}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A secret that was found."""

    kind: str
    """What it is."""
    place: str
    around: str


@dataclass
class Search:
    """Looks for secrets in places, and counts what it looked at."""

    kinds: Mapping[str, str]
    """Secret -> what it is."""
    looked_at: dict[str, int] = field(default_factory=dict)
    """Place -> bytes."""
    findings: list[Finding] = field(default_factory=list)

    def look(self, place: str, parts: Iterable[bytes]) -> list[Finding]:
        """Search a place; every part is looked at as it is, and with its line ends taken out."""
        known = {piece: kind for secret, kind in self.kinds.items() for piece in pieces(secret)}
        with tempfile.TemporaryDirectory() as folder:
            patterns, text = Path(folder) / "patterns", Path(folder) / "text"
            patterns.write_text("".join(f"{piece}\n" for piece in known))
            size = 0
            with text.open("wb") as file:
                for part in parts:
                    size += len(part)
                    file.write(part + b"\n" + _in_one_line(part) + b"\n")
            # A thousand words in tens of megabytes: it goes through them once.
            done = subprocess.run(
                ["grep", "-a", "-o", "-F", "-f", str(patterns), str(text)],
                env={"LC_ALL": "C"},
                capture_output=True,
                check=False,
            )
            assert done.returncode in {0, 1}, done.stderr
            found = {line.decode() for line in done.stdout.splitlines()}
            new = [
                Finding(kind=known[piece], place=place, around=_around(text, piece))
                for piece in sorted(found)
            ]
        self.looked_at[place] = self.looked_at.get(place, 0) + size
        self.findings += new
        return new

    def table(self) -> str:
        """What was searched, and what was found."""
        lines = [f"{'place':<58}{'bytes':>12}{'canaries':>10}"]
        for place, size in self.looked_at.items():
            kinds = {finding.kind for finding in self.findings if finding.place == place}
            lines.append(f"{place:<58}{size:>12,}{len(kinds):>10}")
        return "\n".join([*lines, *(f"FOUND {finding}" for finding in self.findings)])


def _in_one_line(part: bytes) -> bytes:
    """Without line ends and spaces, also those that JSON writes."""
    for sign in (b"\\r", b"\\n", b"\\t"):
        part = part.replace(sign, b"")
    return part.translate(None, b"\r\n\t ")


def _around(text: Path, piece: str) -> str:
    data = text.read_bytes()
    at = data.find(piece.encode())
    return data[max(0, at - 160) : at + 80].decode(errors="replace")
