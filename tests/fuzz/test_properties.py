"""What holds whatever the input is: where files go, what is shown, what is hidden."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from netstacks_tasks.errors import DeviceError, TemplateFault
from netstacks_tasks.importing.entries import name_fault
from netstacks_tasks.models.destination import Destination
from netstacks_tasks.models.log_line import LogLine
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.operations.config_files import ConfigFiles
from netstacks_tasks.operations.redaction import HIDDEN, Redactor
from netstacks_tasks.web.rendering import environment
from netstacks_tasks.web.run_log import Cursor, Piece

_DESTINATION: TypeAdapter[str] = TypeAdapter(Destination)
_ODD: Final = st.sampled_from(["..", ".", "/", "//", "\\", "~", "%2e", "\x00", "\n", "a", "é", " "])
PATHS: Final = st.lists(_ODD, max_size=8).map("".join) | st.text(max_size=40)

HOSTILE: Final = st.lists(
    st.sampled_from(
        [
            *(
                "<script>",
                "</li>",
                "<img src=x onerror=y>",
                '" onload="',
                "'",
                "&lt;",
                "]]>",
                "<!--",
            ),
            *("\x1b[2J", "\x1b]0;t\x07", "\x9b", "\r", "\n", "javascript:", "{{ 7 }}", "{% raw %}"),
        ]
    )
    | st.text(max_size=5),
    max_size=8,
).map("".join)


@settings(max_examples=30, deadline=None)
@given(destination=PATHS, name=PATHS)
def test_a_configuration_is_written_below_its_root_or_not_at_all(
    destination: str, name: str
) -> None:
    try:
        _DESTINATION.validate_python(destination)
    except ValidationError:
        destination = "configs"
    assume(name_fault(name) is None)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "deep" / "root"
        root.mkdir(parents=True)
        files = ConfigFiles(root, destination)
        asyncio.run(files.write(name, {"running": "hostname r1\n"}))
        written = [path for path in Path(folder).rglob("*") if path.is_file()]
        assert written == [files.path(name, "running")]
        assert written[0].parent == root / destination
        assert written[0].name.endswith(".running.cfg")


async def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()
    (root / "configs").symlink_to(elsewhere)
    with pytest.raises(DeviceError, match="by a symbolic link; remove the link"):
        await ConfigFiles(root, "configs/core").write("r1", {"running": "x"})
    assert list(elsewhere.iterdir()) == []


def _tags(markup: str) -> list[str]:
    return re.findall(r"<[^>]*>", markup)


def _log(message: str) -> str:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    piece = Piece(
        lines=[LogLine(at=at, level="INFO", message=message)],
        next=Cursor(),
        more=False,
        live=False,
    )
    made = environment().get_template("log_lines.html")
    return made.render(piece=piece, run={"id": UUID(int=1)}, zone="UTC")


_PLAIN_LOG: Final = _log("plain")


@settings(deadline=None)
@given(HOSTILE)
def test_whatever_a_device_prints_a_page_has_no_new_tag_and_no_escape(said: str) -> None:
    shown = _log(said)
    assert _tags(shown) == _tags(_PLAIN_LOG)
    assert all(one.isprintable() or one in "\n\t" for one in shown)


@settings(deadline=None)
@given(HOSTILE)
def test_what_is_put_into_a_page_stays_in_its_place(said: str) -> None:
    shown = environment().from_string('<p title="{{ x }}">{{ x | visible }}</p>').render(x=said)
    assert len(_tags(shown)) == 2


def test_no_page_shows_anything_unescaped() -> None:
    loader = environment().loader
    assert loader is not None
    names = environment().list_templates(extensions=["html"])
    assert len(names) > 30
    for name in names:
        text = loader.get_source(environment(), name)[0]
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", text), name


_SECRET_LETTERS: Final = "ABCXYZ019-_.@:;,?=+/&%#! \"'\\äß"
SECRETS: Final = st.text(_SECRET_LETTERS, min_size=6, max_size=24).filter(
    lambda text: text == text.strip() and "  " not in text and len(set(text)) > 3
)
AROUND: Final = st.text("mnopqr \n", max_size=12)


def _written(secret: str, break_at: int) -> list[str]:
    raw = secret.encode()
    return [
        secret,
        secret[:break_at] + "\n" + secret[break_at:],
        secret[:break_at] + "\r\n+ " + secret[break_at:],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        raw.hex(),
    ]


@settings(deadline=None)
@given(secret=SECRETS, before=AROUND, after=AROUND, data=st.data())
def test_a_known_secret_never_gets_through(
    secret: str, before: str, after: str, data: st.DataObject
) -> None:
    redactor = Redactor()
    redactor.hide(SecretStr(secret))
    break_at = data.draw(st.integers(1, len(secret) - 1))
    for written in _written(secret, break_at):
        text = f"{before}|{written}|{after}"
        shown = redactor(text)
        assert written.rstrip("=") not in shown, written
        assert HIDDEN in shown
        assert (shown.startswith(f"{before}|"), shown.endswith(f"|{after}")) == (True, True)
        assert len(redactor.lines(text)) == text.count("\n") + 1


_UNDER: Final = st.sampled_from(
    [
        *("__class__", "__init__", "__globals__", "__mro__", "__subclasses__", "__builtins__"),
        *("_environment", "__dict__", "__self__", "gi_frame", "f_globals", "__code__", "mro"),
    ]
)
_START: Final = st.sampled_from(
    [
        "device",
        "''",
        "[]",
        "cycler",
        "self",
        "loop",
        "joiner()",
        "namespace()",
        "range",
        "m",
        "lipsum",
    ]
)
_STEP: Final = _UNDER.flatmap(
    lambda name: st.sampled_from(
        [f".{name}", f"['{name}']", f"|attr('{name}')", f"|map(attribute='{name}')|list"]
    )
)


@settings(max_examples=50, deadline=None)
@given(start=_START, steps=st.lists(_STEP, min_size=1, max_size=4))
def test_a_template_reads_no_attribute_of_the_program(start: str, steps: list[str]) -> None:
    text = "{% macro m() %}{% endmacro %}{% for i in [1] %}{{ %s%s }}{% endfor %}"
    text = text.replace("%s%s", start + "".join(steps))
    variables: dict[str, Any] = {"device": {"name": "r1"}}
    try:
        shown = StackTemplates({"a": text}).render(variables, platform="ios")
    except TemplateFault:
        return
    # At most an empty list, or a list of what is not defined.
    assert not re.search(r"class|object|module|function|built-in|0x", shown), shown


@pytest.mark.parametrize("path", ["/etc/passwd", "../a", "file:///etc/passwd", "b\x00", "__main__"])
@pytest.mark.parametrize("way", ["include", "import", "extends", "from"])
def test_a_template_reads_no_file(path: str, way: str) -> None:
    end = {"import": " as x", "from": " import x"}.get(way, "")
    text = f"{{% {way} {json.dumps(path)}{end} %}}"
    with pytest.raises(TemplateFault, match="there is no template of the name"):
        StackTemplates({"a": text}).render({}, platform="ios")


@pytest.mark.parametrize(
    "text",
    [
        "{{ '{0.__class__}'.format(device) }}",
        "{{ '{0[x].__class__}'.format(device) }}",
        "{{ '%s' % device.__class__ }}",
        "{{ 'a'.format_map({'a': device}).__class__ }}",
        "{{ device.update({'a': 1}) }}",
        "{{ device.clear() }}",
        "{{ device.setdefault('a', 1) }}",
        "{{ [].append(1) }}",
    ],
)
def test_a_template_changes_and_reaches_nothing(text: str) -> None:
    variables = {"device": {"name": "r1"}}
    with pytest.raises(TemplateFault, match=r"not allowed|unsafe"):
        StackTemplates({"a": text}).render(variables, platform="ios")
    assert variables == {"device": {"name": "r1"}}
