from __future__ import annotations

import pytest

from netstacks_tasks.errors import DeviceError, TemplateFault
from netstacks_tasks.models.stack_rendering import Member, render, render_all
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.models.stack_variables import layered, secret_names, with_secrets
from netstacks_tasks.testing import device


def templates(**texts: str) -> StackTemplates:
    return StackTemplates({name.replace("__", "/"): text for name, text in texts.items()})


def test_templates_are_rendered_in_the_order_of_their_names() -> None:
    made = templates(b="two {{ x }}", a="one {{ x }}\n")
    assert made.render({"x": 5}, platform="ios") == "one 5\ntwo 5\n"


def test_a_template_may_be_for_one_platform_or_for_others_to_include() -> None:
    made = templates(
        all="ntp {{ ntp }}", frr__peers='{% include "_peer" %}', ios__vlan="vlan 1", _peer="peer\n"
    )
    assert made.render({"ntp": 1}, platform="frr") == "ntp 1\npeer\n"
    assert made.render({"ntp": 1}, platform="ios") == "ntp 1\nvlan 1\n"


@pytest.mark.parametrize(
    ("texts", "template", "line", "detail"),
    [
        ({"a": "x\n{{ vlan }}\n"}, "a", 2, "'vlan' is undefined"),
        ({"a": "{{ d.vlan }}"}, "a", 1, "'dict object' has no attribute 'vlan'"),
        ({"a": "x\n{% if vlan %}y{% endif %}"}, "a", 2, "'vlan' is undefined"),
        ({"a": 'x\n{% include "_b" %}', "_b": "\n\n{{ vlan }}"}, "_b", 3, "'vlan' is undefined"),
        (
            {"a": "{% macro m() %}\n\n{{ vlan }}{% endmacro %}\n{{ m() }}"},
            "a",
            3,
            "'vlan' is undefined",
        ),
        ({"a": 'x\n{% include "nothing" %}'}, "a", 2, "there is no template of the name nothing"),
        ({"a": "\n{{ 1 / 0 }}"}, "a", 2, "ZeroDivisionError: division by zero"),
        ({"a": "\n{% if %}"}, "a", 2, "Expected an expression, got 'end of statement block'"),
    ],
)
def test_a_fault_names_the_template_and_the_line(
    texts: dict[str, str], template: str, line: int, detail: str
) -> None:
    with pytest.raises(TemplateFault) as caught:
        StackTemplates(texts).render({"d": {}}, platform="ios")
    fault = caught.value
    assert (fault.template, fault.line, fault.detail) == (template, line, detail)


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ device.__class__ }}",
        "{{ items.append(1) }}",
        "{% for i in range(10000000) %}x{% endfor %}",
    ],
)
def test_a_template_reaches_nothing_but_its_variables(text: str) -> None:
    with pytest.raises(TemplateFault):
        templates(a=text).render({"device": "r1", "items": []}, platform="ios")


def test_a_configuration_without_end_is_refused() -> None:
    text = "{% for i in range(60000) %}some words of a line{% endfor %}"
    with pytest.raises(TemplateFault, match="more than 1048576 characters"):
        templates(a=text).render({}, platform="ios")


def test_every_syntax_fault_is_told() -> None:
    found = list(templates(good="{{ x }}", bad="{{ x", worse="\n{% for %}").faults())
    assert {(fault.template, fault.line) for fault in found} == {("bad", 1), ("worse", 2)}


def test_one_device_without_a_variable_leaves_the_others() -> None:
    members = [
        Member(device=device("r1", "frr"), variables={"vlan": 3}),
        Member(device=device("r2", "frr"), variables={}),
    ]
    found = render_all(templates(a="vlan {{ vlan }} on {{ device.name }}"), members, "merge")
    assert [(one.text, one.fault and one.fault.detail) for one in found] == [
        ("vlan 3 on r1\n", None),
        ("", "template 'a', line 1: 'vlan' is undefined"),
    ]


@pytest.mark.parametrize(
    ("texts", "mode", "said"),
    [
        ({"ios/a": "x"}, "merge", "no template of the stack is for the platform 'frr'"),
        ({"a": "{% if false %}x{% endif %}"}, "replace", "would replace the whole configuration"),
    ],
)
def test_what_would_do_harm_is_refused(texts: dict[str, str], mode: str, said: str) -> None:
    with pytest.raises(DeviceError, match=said) as caught:
        render(StackTemplates(texts), Member(device=device("r", "frr"), variables={}), mode)  # type: ignore[arg-type] # one of the modes
    assert (caught.value.stage, caught.value.cause) == ("render", "template")


def test_the_last_layer_has_the_word() -> None:
    assert layered([{"a": 1, "b": {"x": 1}}, {"b": {"y": 2}}, {"c": 3}]) == {
        "a": 1,
        "b": {"y": 2},
        "c": 3,
    }


def test_secrets_are_named_and_put_in_place() -> None:
    variables = {"key": {"secret_block": "k"}, "peers": [{"key": {"secret_block": "p"}}], "x": 1}
    assert sorted(secret_names(variables)) == ["k", "p"]  # type: ignore[arg-type] # JSON
    assert with_secrets(variables, str.upper) == {"key": "K", "peers": [{"key": "P"}], "x": 1}
