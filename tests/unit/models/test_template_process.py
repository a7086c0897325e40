"""A template that takes all it can get is stopped, and the others are none the worse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netstacks_tasks.errors import DeviceError, TemplateFault
from netstacks_tasks.models.stack_rendering import Member, render_all
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.models.template_process import Bounds, Job, rendered
from netstacks_tasks.testing import device

_BOUNDS = Bounds(seconds=0.3, memory_bytes=256 * 1024 * 1024)
_BIG = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"

# Compares for minutes without looking whether anybody wants it to stop.
_ONE_STEP = "{% set a = [0] * n %}{{ (a + [1]) in ([a + [2]] * n) }}"


def answer(text: str, **variables: object) -> str | TemplateFault:
    job = Job(platform="ios", variables=variables)
    return next(rendered(StackTemplates({"a": text}), [job], _BOUNDS))


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (f"x\n{_BIG}", "it takes longer than 0.3 s: does it loop for ever?"),
        ("x\n{{ 'x' * 10 ** 10 }}", "it takes more memory than a template may"),
        ("x\n{{ ['x'] * 10 ** 10 }}", "it takes more memory than a template may"),
        ("x\n{{ 'x'|center(10 ** 10) }}", "it takes more memory than a template may"),
        ("x\n{{ '%1000000000d'|format(1) }}", "it takes more memory than a template may"),
        (
            "x\n{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "it is nested too deeply, or calls itself for ever",
        ),
    ],
)
def test_what_takes_for_ever_or_gigabytes_is_a_fault_that_names_the_line(
    text: str, detail: str
) -> None:
    fault = answer(text)
    assert isinstance(fault, TemplateFault)
    assert (fault.template, fault.line, fault.detail) == ("a", 2, detail)


def test_the_device_behind_one_that_the_system_ended_gets_its_configuration() -> None:
    templates = StackTemplates({"a": f"{{% if big %}}{_ONE_STEP}{{% endif %}}vlan {{{{ n }}}}"})
    jobs = [
        Job(platform="ios", variables={"big": big, "n": n})
        for big, n in ((False, 1), (True, 1_000_000), (False, 3))
    ]
    first, second, third = rendered(templates, jobs, _BOUNDS)
    assert (first, third) == ("vlan 1\n", "vlan 3\n")
    assert isinstance(second, TemplateFault)
    assert second.detail == "it takes more time or memory than a template may"


def test_more_than_a_configuration_can_be_is_refused() -> None:
    fault = answer("{{ 'x' * 2 ** 21 }}")
    assert isinstance(fault, TemplateFault)
    assert fault.detail == "more than 1048576 characters were rendered"


def test_no_process_is_left_when_nobody_wants_the_rest() -> None:
    jobs = [Job(platform="ios", variables={})] * 3
    answers = rendered(StackTemplates({"a": "x"}), jobs, _BOUNDS)
    assert next(answers) == "x\n"
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    before = children.read_text().split()
    answers.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(children.read_text().split()) == len(before) - 1


def test_it_knows_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_DATABASE_URL", "postgresql://u:s3cret@h/d")
    templates = StackTemplates({"a": "x"})
    answers = rendered(templates, [Job(platform="ios", variables={})] * 2, _BOUNDS)
    next(answers)
    own = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    assert own
    assert not any(b"s3cret" in Path(f"/proc/{pid}/environ").read_bytes() for pid in own)


def test_a_thousand_devices_are_rendered_in_one_process() -> None:
    members = [Member(device=device(f"r{n}"), variables={"n": n}) for n in range(1000)]
    made = render_all(StackTemplates({"a": "vlan {{ n }}"}), members, "merge")
    assert [one.text for one in made] == [f"vlan {n}\n" for n in range(1000)]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (f"{{{{ {'(' * 900}1{')' * 900} }}}}", "it is nested too deeply, or calls itself for ever"),
        (f"{{{{ 1{'0' * 5000} }}}}", "ValueError: Exceeds the limit (4300 digits)"),
    ],
)
def test_what_jinja_itself_cannot_read_is_a_fault_before_it_is_saved(
    text: str, detail: str
) -> None:
    fault = next(StackTemplates({"a": text}).faults())
    assert fault.detail.startswith(detail)


def test_a_device_without_a_template_does_not_shift_the_others() -> None:
    members = [
        Member(device=device("a", "ios"), variables={}),
        Member(device=device("b", "frr"), variables={}),
    ]
    made = render_all(StackTemplates({"frr/x": "{{ device.name }}"}), members, "merge")
    assert isinstance(made[0].fault, DeviceError)
    assert made[1].text == "b\n"
