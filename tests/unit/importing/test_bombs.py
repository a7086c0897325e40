"""Small files that would become large, deep or slow are refused before they do."""

from __future__ import annotations

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing import csv_text, json_text, yaml_text
from netstacks_tasks.importing.entries import Entries
from netstacks_tasks.importing.foreign.ansible_ranges import expanded
from netstacks_tasks.importing.nodes import DEEPEST, Contents, Node
from netstacks_tasks.importing.sources import Format, Source


def fault(text: str, form: Format) -> str:
    with pytest.raises(InvalidInput) as caught:
        Source("f", text.encode()).read(form)
    assert len(str(caught.value)) < 100_000
    return str(caught.value)


def read(text: str) -> Contents:
    return yaml_text.read(text, "f")


def test_aliases_do_not_nest_deeper_than_brackets_may() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 1500))]
    assert fault("\n".join(lines), "yaml") == f"f:59: it is nested more than {DEEPEST} deep"
    (document,) = read("\n".join(lines[: DEEPEST - 2])).documents
    document.plain()


def test_merges_do_not_nest_deeper_either() -> None:
    lines = ["a0: &a0 {k: [x]}", *(f"a{n}: &a{n} {{k: {{<<: *a{n - 1}}}}}" for n in range(1, 900))]
    assert "nested more than" in fault("\n".join(lines), "yaml")


@pytest.mark.parametrize(
    "number", ["1" + ":0" * 500_000, "0x" + "f" * 5000, "0b" + "1" * 20_000, "1" * 5000, "9" * 401]
)
def test_a_number_nobody_can_store_is_refused(number: str) -> None:
    assert "characters: write it in quotes, or shorten it" in fault(f"a: {number}", "yaml")
    (document,) = read(f'a: "{number}"').documents
    assert document.plain() == {"a": number}


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_values_are_counted(monkeypatch: pytest.MonkeyPatch, form: Format) -> None:
    for module in (yaml_text, json_text):
        monkeypatch.setattr(module, "MOST_NODES", 100)
    assert "more than 100 values" in fault(f"[{', '.join(['0'] * 101)}]", form)


def test_cells_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "MOST_NODES", 100)
    rows = "r,10.0.0.1,ios\n" * 30
    assert fault(f"name,host,platform\n{rows}", "csv").startswith("f:27: it holds more than 100")


def test_columns_without_end_are_told_once() -> None:
    told = fault("a," * 1_000_000, "csv")
    assert told.startswith("f:1: the header has 1000001 columns; known: id, name")


def test_bad_rows_without_end_are_told_up_to_a_thousand() -> None:
    with pytest.raises(InvalidInput) as caught:
        csv_text.read("name,host,platform\n" + "x\n" * 5000, "f")
    assert len(caught.value.problems) == 1001
    assert str(caught.value.problems[-1]) == "f:1002: there is more: mend what is told before this"


def test_bad_entries_without_end_are_told_up_to_ten_thousand() -> None:
    entries = Entries()
    document = Node({"devices": Node([Node(1, 1)] * 20_000, 1)}, 1)
    with pytest.raises(InvalidInput, match="there is more"):
        entries.add("f", document)
    assert len(entries.problems) == 10_000


@pytest.mark.parametrize(
    ("form", "before", "after"), [("yaml", "? ", "\n: 1"), ("json", '{"', '": 1}')]
)
def test_a_field_name_that_no_message_can_name_is_refused(
    form: Format, before: str, after: str
) -> None:
    told = fault(f"{before}{'k' * 200_000}{after}", form)
    assert told.endswith("a field name of 200000 characters: shorten it")


@pytest.mark.parametrize("start", ["!", "*", "!!python/"])
def test_a_tag_or_an_alias_is_not_told_as_a_whole(start: str) -> None:
    assert len(fault(f"{start}{'x' * 200_000} 1", "yaml")) < 300


def test_a_field_as_large_as_a_file_is_no_cell() -> None:
    assert "field larger than field limit" in fault("name,host,platform\n" + "x" * 200_000, "csv")


@pytest.mark.parametrize("number", ['!!int "_"', '!!int "-"', '!!float "_"', '!!int "0x"'])
def test_a_number_without_digits_is_none(number: str) -> None:
    assert "write it in quotes" in fault(f"a: {number}", "yaml")


@pytest.mark.parametrize("last", ["9" * 30, "9" * 5000])
def test_a_range_of_hosts_that_nothing_can_count_is_refused(last: str) -> None:
    with pytest.raises(ValueError, match=r"stands for more than|Exceeds the limit"):
        expanded(f"sw[0:{last}]")
