"""What files may look like, and how what is wrong with them is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing import csv_text, json_text, nodes, yaml_text
from netstacks_tasks.importing.sources import LARGEST, Source

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_json_is_read_as_json(value: Any) -> None:  # noqa: ANN401 - any value there is
    for text in (json.dumps(value), json.dumps(value, indent="\t", ensure_ascii=False)):
        assert json_text.read(text, "f").documents[0].plain() == value


@given(PLAIN)
def test_yaml_is_read_as_yaml(value: Any) -> None:  # noqa: ANN401 - any value there is
    assert yaml_text.read(yaml.safe_dump(value), "f").documents[0].plain() == value


def fault(content: bytes | str, name: str) -> str:
    raw = content.encode() if isinstance(content, str) else content
    try:
        contents = Source(name, raw).read()
    except InvalidInput as error:
        return str(error)
    assert contents.problems
    return str(InvalidInput(contents.problems))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "a value is expected"),
        ('{\n "a": 1\n "b": 2}', 3, "a comma or '}' is expected"),
        ('{\n "a": 1,\n}', 3, "a field name"),
        ('{"a": 1,\n "a": 2}', 2, "the field 'a' is there twice"),
        ("[1,\n nan]", 2, "a value is expected"),
        ("[1e999]", 1, "too large"),
        ("{} {}", 1, "there is more"),
        ('{"a"\n"b"}', 2, "a colon"),
        ('\n["a\nb"]', 2, "Invalid control character"),
        ("[" * 100_000, 1, "nested more than"),
        ("// hello\n{}", 1, "a value is expected"),
    ],
)
def test_faults_of_json_have_a_line(text: str, line: int, message: str) -> None:
    told = fault(text, "f.json")
    assert told.startswith(f"f.json:{line}: this is not JSON: ")
    assert message in told


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [1, 2\nc: 3", 3, "expected ',' or ']'"),
        ("a: 1\na: 2", 2, "the field 'a' is there twice"),
        ("a:\n  - !!python/object/apply:os.system [echo]", 2, "not plain data"),
        ("a: !custom 3", 1, "not plain data"),
        ("a: !!binary aGVsbG8=", 1, "not plain data"),
        ("a: !!int x", 1, "'x' is no int"),
        ("? [a]\n: b", 1, "a field name must be a text"),
        ("a: &x [*x]", 1, "refers to itself"),
        ("a: *x", 1, "alias *x refers to itself or to nothing"),
        ("a: 1\n\tb: 2", 2, "not YAML"),
        ("\x00", 1, "not YAML"),
        ("[" * 100_000, 1, "nested more than"),
        ("a: .inf", 1, "not a finite number"),
        ("<<: 3", 1, "<< takes a mapping"),
    ],
)
def test_faults_of_yaml_have_a_line(text: str, line: int, message: str) -> None:
    told = fault(text, "f.yaml")
    assert told.startswith(f"f.yaml:{line}: ")
    assert message in told


def test_yaml_lines_and_merges() -> None:
    text = "base: &b {x: 1, y: 2}\nthing:\n  <<: *b\n  y: 3\nlist: [*b,\n  7]\nwhen: 2026-01-02\n"
    (document,) = yaml_text.read(text, "f").documents
    assert document.plain() == {
        "base": {"x": 1, "y": 2},
        "thing": {"x": 1, "y": 3},
        "list": [{"x": 1, "y": 2}, 7],
        "when": "2026-01-02",
    }
    assert document.line_of("thing.y") == 4
    assert document.line_of("list.1") == 6
    assert document.line_of("list[1]") == 6
    assert document.line_of("list.9.nothing") == 5
    assert document.line_of("nothing") == 1


def test_several_documents_in_a_file() -> None:
    found = yaml_text.read("--- {a: 1}\n---\n- 2\n", "f").documents
    assert [document.plain() for document in found] == [{"a": 1}, [2]]


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    told = fault("\n".join(lines), "bomb.yaml")
    assert f"more than {nodes.MOST_NODES:,} values" in told


def test_merges_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(50)) + "}"]
    lines += [f"a{n}: &a{n} {{p: *a{n - 1}, q: *a{n - 1}, r: *a{n - 1}}}" for n in range(1, 20)]
    assert "more than" in fault("\n".join(lines), "bomb.yaml")


@pytest.mark.parametrize("name", ["f.yaml", "f.json", "f.csv"])
def test_what_is_not_text_is_refused(name: str) -> None:
    assert fault(b"a\nb\nc\xff\xfe", name) == f"{name}:3: this is not UTF-8 text: save it as UTF-8"
    assert "larger than" in fault(b" " * (LARGEST + 1), name)


def test_the_format_is_told_by_the_name_or_by_the_caller() -> None:
    assert "must end in one of .yaml, .yml, .json, .csv" in fault("{}", "f.txt")
    assert Source("-", b"{}").read("json").documents[0].plain() == {}
    assert Source("F.JSON", b"\xef\xbb\xbf{}").read().documents[0].plain() == {}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        Source.of(tmp_path / "missing.yaml")
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        Source.of(tmp_path)


def devices(text: str) -> list[dict[str, Any]]:
    (document,) = csv_text.read(text, "d.csv").documents
    found: list[dict[str, Any]] = document.plain()["devices"]
    return found


def test_a_table_of_devices() -> None:
    text = (
        "name,host,port,platform,site,groups,credential,snmp_version,snmp_port,id\r\n"
        "r1,10.0.0.1,,ios,,core; edge ,login,v3,,\r\n"
        "\r\n"
        '"r2",r2.example,2222,eos,"North, 2nd floor",,,,1161,abc\r\n'
    )
    assert devices(text) == [
        {
            "name": "r1",
            "host": "10.0.0.1",
            "port": 22,
            "platform": "ios",
            "site": None,
            "groups": ["core", "edge"],
            "credential": "login",
            "snmp": {"version": "v3", "port": 161},
        },
        {
            "name": "r2",
            "host": "r2.example",
            "port": "2222",
            "platform": "eos",
            "site": "North, 2nd floor",
            "groups": [],
            "credential": None,
            "snmp": {"version": "v2c", "port": "1161"},
            "id": "abc",
        },
    ]


def test_a_table_as_a_spreadsheet_writes_it() -> None:
    text = b"\xef\xbb\xbfName;Host;Platform;Groups\r\nr1;10.0.0.1;ios;core|edge\r\n"
    (document,) = Source("d.csv", text).read().documents
    assert document.plain()["devices"] == [
        {"name": "r1", "host": "10.0.0.1", "platform": "ios", "groups": ["core", "edge"]}
    ]


def test_lines_count_what_a_cell_holds() -> None:
    text = 'name,host,platform\n"a\nb",h,ios\nr2,h,ios\n'
    (document,) = csv_text.read(text, "d.csv").documents
    assert [node.line for node in document.fields["devices"].items or ()] == [2, 4]  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "d.csv:1: name: this column is missing"),
        ("name,host\n", "d.csv:1: platform: this column is missing"),
        ("name,host,platform,password\n", "d.csv:1: password: no such column; known: id, name"),
        ("name,host,platform,name\n", "d.csv:1: name: this column is there twice"),
        ("name,host,platform\nr1,h\nr2,h,ios\nr3,h,ios,x\n", "d.csv:2: 2 cells, but the header"),
        ("name,host,platform\nr1,h\nr2,h,ios\nr3,h,ios,x\n", "d.csv:4: 4 cells, but the header"),
        ('name,host,platform\n"r1,h,ios\n', "d.csv:2: this is not CSV: unexpected end of data"),
        ('name,host,platform\nr1,"h"x,ios\n', "d.csv:2: this is not CSV"),
        (
            "name,host,platform\n" + "x" * 200_000 + ",h,ios",
            "d.csv:2: this is not CSV: field larger",
        ),
    ],
)
def test_faults_of_a_table_have_a_line(text: str, told: str) -> None:
    assert told in fault(text, "d.csv")


def test_a_place_in_a_file_may_look_like_a_number_and_be_none() -> None:
    (document,) = json_text.read('{"a": [1]}', "f").documents
    assert document.line_of("a.²") == 1
