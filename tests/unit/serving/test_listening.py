"""Where the page may listen, and with which certificate."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from netstacks_tasks.errors import ConfigurationError, InvalidInput
from netstacks_tasks.serving.certificate import check_certificate
from netstacks_tasks.serving.listening import check_reach, hosts_of, listen
from netstacks_tasks.settings import Settings, load_settings
from tests.certificates import self_signed


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_this_machine_alone_needs_no_tls(host: str) -> None:
    check_reach(settings(web_host=host))
    assert host in hosts_of(settings(web_host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "netstacks.example"])  # noqa: S104
def test_beyond_it_passwords_are_never_sent_in_the_clear(host: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        check_reach(settings(web_host=host))
    (problem,) = raised.value.problems
    assert problem.field == "NETSTACKS_WEB_HOST"
    assert "NETSTACKS_WEB_CERTIFICATE" in problem.message
    check_reach(settings(web_host=host, web_certificate="/c.pem", web_key="/k.pem"))
    check_reach(settings(web_host=host, web_proxy="192.0.2.10"))


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(InvalidInput, match="NETSTACKS_WEB_KEY: belongs to"):
        check_reach(settings(web_certificate="/c.pem"))


def test_a_proxy_is_named_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for right in ("192.0.2.10", "192.0.2.0/24, 2001:db8::1"):
        monkeypatch.setenv("NETSTACKS_WEB_PROXY", right)
        assert load_settings().web_proxy == right
    for wrong in ("*", "proxy.example", "192.0.2.1/24"):
        monkeypatch.setenv("NETSTACKS_WEB_PROXY", wrong)
        with pytest.raises(InvalidInput, match=r"NETSTACKS_WEB_PROXY: write the proxy's address"):
            load_settings()


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    _, other = self_signed(tmp_path, "other")
    text = tmp_path / "text"
    text.write_text("no certificate")
    check_certificate(settings(web_certificate=certificate, web_key=key))
    for files, said in (
        ((tmp_path / "none", tmp_path / "no key"), r"none cannot be read: .*; NETSTACKS_WEB_KEY: "),
        ((certificate, other), r"NETSTACKS_WEB_KEY: \S+other.key is not the key of"),
        ((text, key), r"NETSTACKS_WEB_CERTIFICATE: .* cannot be used"),
        ((certificate, text), r"NETSTACKS_WEB_CERTIFICATE: .* cannot be used"),
    ):
        with pytest.raises(InvalidInput, match=said):
            check_certificate(settings(web_certificate=files[0], web_key=files[1]))


def test_a_port_that_is_taken_is_told_or_another_one_used() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} .*NETSTACKS_WEB_PORT"):
            listen("127.0.0.1", port)
        with listen("127.0.0.1", port, or_any_port=True) as second:
            assert second.getsockname()[1] not in {0, port}
    with pytest.raises(ConfigurationError, match="NETSTACKS_WEB_HOST"):
        listen("192.0.2.77", port, or_any_port=True)


def test_a_name_that_leads_nowhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConfigurationError, match="Name or service not known"):
        listen("netstacks.invalid", 4280)
