"""A stack's templates, in the sandbox; what it takes is bounded elsewhere, by the system."""

from __future__ import annotations

import re
import signal
from types import FrameType

from netstacks_tasks.models.stack_templates import StackTemplates, TookTooLong
from tests.fuzz.target import Target

_VARIABLES = {
    "device": {"name": "core-1", "host": "192.0.2.1", "groups": ["a"], "site": None},
    "vlans": [{"id": 10, "name": "ten"}, {"id": 20, "name": "twenty"}],
    "text": "word",
    "number": 7,
}
# These alone can take gigabytes: the test of the limits has them.
_GREEDY = re.compile(
    r"\*|(?<!\{)%(?!\})|range|lipsum|format|center|indent|just|fill|batch|slice|expandtabs|round"
)
_SECONDS = 1.0


def _over(_signal: int, _frame: FrameType | None) -> None:
    raise TookTooLong("as in the process that renders for real")


signal.signal(signal.SIGVTALRM, _over)


def _read(data: bytes) -> None:
    text = data.decode(errors="replace")
    first, _, second = text.partition("\n---\n")
    made = StackTemplates({"a": first, "_b": second})
    list(made.faults())
    if _GREEDY.search(text) is None:
        signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
        try:
            rendered = made.render(_VARIABLES, platform="ios")
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        assert "netstacks_tasks" not in rendered, "nothing of the program is to be seen"
        assert "<built-in" not in rendered
        assert "jinja2" not in rendered or "jinja2" in text


TARGET = Target(
    name="template",
    read=_read,
    words=(
        *("{{ ", " }}", "{% ", " %}", "{#", "#}", "for v in vlans", "endfor", "if ", "endif"),
        *("set x = ", "macro m(a)", "endmacro", "include ", "import ", '"_b"', "vlans", "device"),
        *("|join", "|map(attribute='id')", "|attr('__class__')", ".__class__", "['__class__']"),
        *("namespace()", "loop", "self", "cycler", "call", "filter upper", "endraw", "extends"),
        *("\n---\n", "is defined", "text", "number", "~", "+", "**", "()", "[", "]", ".__init__"),
    ),
    longest=1024,
)
