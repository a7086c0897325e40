from __future__ import annotations

import pytest
from pydantic import SecretStr

from netstacks_tasks.models.inventory import DeviceCredential
from netstacks_tasks.operations.redaction import Redactor


def test_the_secrets_of_credentials_are_hidden() -> None:
    redactor = Redactor()
    redactor.learn(
        DeviceCredential(
            username="netops", password=SecretStr("s3cret"), snmp_community=SecretStr("s3cret-ro")
        )
    )
    assert redactor("netops s3cret-ro s3cret") == "netops <hidden> <hidden>"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("enable secret 9 $9$abc", "enable secret 9 <hidden>"),
        ("username a privilege 15 password 0 abc", "username a privilege 15 password 0 <hidden>"),
        ("snmp-server community public RO", "snmp-server community <hidden> RO"),
        (" ip ospf message-digest-key 1 md5 abc", " ip ospf message-digest-key 1 md5 <hidden>"),
        ('encrypted-password "$6$x y"; ## SECRET', "encrypted-password <hidden>; ## SECRET"),
        ("tacacs-server key abc", "tacacs-server key <hidden>"),
        ("interface Ethernet1", "interface Ethernet1"),
        (" description the key account", " description the key account"),
    ],
)
def test_what_a_configuration_keeps_secret_is_hidden(line: str, expected: str) -> None:
    assert Redactor().configuration(line) == expected
