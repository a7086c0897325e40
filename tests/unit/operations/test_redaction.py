from __future__ import annotations

import pytest
from pydantic import SecretStr

from netstacks_tasks.models.inventory import DeviceCredential
from netstacks_tasks.operations.redaction import HIDDEN, Redactor


def test_the_secrets_of_credentials_are_hidden() -> None:
    redactor = Redactor()
    redactor.learn(
        DeviceCredential(
            username="netops", password=SecretStr("s3cret"), snmp_community=SecretStr("s3cret-ro")
        )
    )
    assert redactor("netops s3cret-ro s3cret") == "netops <hidden> <hidden>"


def test_the_lines_of_a_private_key_are_hidden_also_when_it_is_cut_off() -> None:
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    text = f"crypto\n+{begin}\n+MIIabc\n+MIIdef\n+{end}\nend\n{begin}\nMIIghi"
    hidden = Redactor().configuration(text)
    assert "MII" not in hidden
    assert hidden.startswith("crypto\n")
    assert "\nend\n" in hidden


def test_other_secrets_are_hidden_too() -> None:
    redactor = Redactor()
    redactor.hide(SecretStr("sk-canary"))
    redactor.hide(SecretStr("ab"))
    assert redactor("about sk-canary") == "about <hidden>"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("enable secret 9 $9$abc", "enable secret 9 <hidden>"),
        ("username a privilege 15 password 0 abc", "username a privilege 15 password 0 <hidden>"),
        ("snmp-server community public RO", "snmp-server community <hidden> RO"),
        (" ip ospf message-digest-key 1 md5 abc", " ip ospf message-digest-key 1 md5 <hidden>"),
        ('encrypted-password "$6$x y"; ## SECRET', "encrypted-password <hidden>; ## SECRET"),
        ("tacacs-server key abc", "tacacs-server key <hidden>"),
        ("pre-shared-key ascii-text abc; x", "pre-shared-key ascii-text <hidden>; x"),
        (
            "snmp-server user a auth sha k1 priv aes 128 k2",
            "snmp-server user a auth sha <hidden> priv aes 128 <hidden>",
        ),
        ("user a auth md5 0xaa priv 0xbb", "user a auth md5 <hidden> priv <hidden>"),
        ("root $6$salt$hash:19000", "root <hidden>"),
        ("+ key $9$abc;", "+ key <hidden>;"),
        (" key 7 0822455D0A16", " key 7 <hidden>"),
        ("snmp-server host r1 vrf m traps version 2c abc", None),
        ("snmp-server host r1 abc", None),
        ("ntp authentication-key 1 md5 abc 7", "ntp authentication-key 1 md5 <hidden> 7"),
        ("radius-server host r1 auth-port 1812 key abc", None),
        ("tacacs server r1\n key abc\n timeout 5", "tacacs server r1\n key <hidden>\n timeout 5"),
        (" server-private r1 timeout 5 key 6 abc", None),
        ("crypto isakmp key abc address r1", "crypto isakmp key <hidden> address r1"),
        (" pre-shared-key local abc", None),
        (" pre-shared-key address 0.0.0.0 0.0.0.0 key abc", None),
        (" standby 1 authentication abc", None),
        (" vrrp 1 authentication text abc", None),
        ("  key-string password abc", None),
        (" area-password clear abc", None),
        (" lsp-password hmac-md5 encrypted abc", None),
        (" key 0defaced 7 abc", None),
        ('"password": "abc"', '"password": <hidden>'),
        (" no login password\ninterface e1", " no login password\ninterface e1"),
        ("key chain a\n key 10\n", "key chain a\n key 10\n"),
        ("snmp-server host r1 version 3 priv user", "snmp-server host r1 version 3 priv user"),
        ("snmp-server host r1 use-vrf management", "snmp-server host r1 use-vrf management"),
        (" standby 1 authentication md5 key-chain a", " standby 1 authentication md5 key-chain a"),
        (" set community 65000:1 additive", " set community 65000:1 additive"),
        (" neighbor r1 send-community both", " neighbor r1 send-community both"),
        ("interface Ethernet1", "interface Ethernet1"),
        (" description the key account", " description the key account"),
    ],
)
def test_what_a_configuration_keeps_secret_is_hidden(line: str, expected: str | None) -> None:
    hidden = line.replace("abc", HIDDEN) if expected is None else expected
    assert Redactor().configuration(line) == hidden


def test_redacted_lines_stand_for_the_lines_they_were() -> None:
    text = (
        "hostname r1\nsnmp-server community canary RO\n"
        "-----BEGIN RSA PRIVATE KEY-----\ncanary\ncanary\n-----END RSA PRIVATE KEY-----\nend\n"
    )
    lines = Redactor().lines(text)
    assert lines == [
        "hostname r1",
        f"snmp-server community {HIDDEN} RO",
        "-----BEGIN RSA PRIVATE KEY-----",
        HIDDEN,
        HIDDEN,
        "-----END RSA PRIVATE KEY-----",
        "end",
        "",
    ]


@pytest.fixture
def knowing() -> Redactor:
    redactor = Redactor()
    for secret in ("zUrich-42", "abcdef", "defghi", "pass phrase", "wxyz"):
        redactor.hide(SecretStr(secret))
    return redactor


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("a zUr\nich-42 b", "a <hidden> b"),
        ("+ zUrich\r\n+ -42 b", "+ <hidden> b"),
        ("z\nU\nr\n\nich-4\n  2", "<hidden>"),
        ("my pass\nphrase", "my <hidden>"),
        ("abcdefghi", "<hidden>"),
        ("zUr ich-42, wx\nyz", "zUr ich-42, wx\nyz"),
    ],
)
def test_a_secret_is_hidden_where_a_line_ends_in_it_or_another_begins(
    knowing: Redactor, text: str, hidden: str
) -> None:
    assert knowing(text) == hidden


def test_a_secret_of_several_lines_leaves_as_many(knowing: Redactor) -> None:
    knowing.hide(SecretStr("first line\nsecond line"))
    text = "a first line\nsecond line b\nzUr\nich-42\nend"
    lines = knowing.lines(text)
    assert lines == [f"a {HIDDEN}", f"{HIDDEN} b", HIDDEN, HIDDEN, "end"]
