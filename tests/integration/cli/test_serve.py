"""`netstacks serve` as a process: over TLS, until it is told to end."""

from __future__ import annotations

import asyncio
import re
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from netstacks_tasks.cli.checks.finding import Finding, collected
from netstacks_tasks.cli.checks.page import page
from netstacks_tasks.settings import Settings
from tests.certificates import self_signed

from .conftest import Netstacks, started

PASSWORD = "correct horse battery"


async def looked(settings: Settings, database_url: str) -> dict[str, Finding]:
    found: AsyncIterator[Finding] = page(settings, database_url)
    return {one.subject: one for one in await collected(found, "page", "")}


def test_it_serves_over_tls_until_sigterm(
    netstacks: Netstacks, environment: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    certificate, key = self_signed(tmp_path, days=3)
    assert netstacks("user", "add", "anna", "--from", "-", text=PASSWORD).returncode == 0
    secured = environment | {
        "NETSTACKS_WEB_CERTIFICATE": str(certificate),
        "NETSTACKS_WEB_KEY": str(key),
    }
    with started("serve", "--host", "0.0.0.0", "--port", "0", env=secured) as process:  # noqa: S104
        assert process.stdout is not None
        port = re.search(r"https://\S+:(\d+)/", process.stdout.readline())
        assert port is not None
        assert "described by" in process.stdout.readline()
        url = f"https://127.0.0.1:{port[1]}"
        trusted = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(verify=trusted, trust_env=False, timeout=30) as browser:
            answer = browser.post(f"{url}/sign-in", data={"name": "anna", "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            assert answer.headers["set-cookie"].startswith("__Host-netstacks=")
            assert "Secure" in answer.headers["set-cookie"]
            assert "max-age=" in answer.headers["strict-transport-security"]
            assert "anna" in browser.get(f"{url}/account").text
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port[1]}/", trust_env=False)
        settings = Settings.model_validate(
            {"web_certificate": certificate, "web_key": key, "web_port": port[1]}
            | {"state_dir": tmp_path, "web_host": "0.0.0.0"}  # noqa: S104 - over TLS
        )
        seen = asyncio.run(looked(settings, database_url))
        assert (seen["page"].status, seen["administrators"].status) == ("warn", "warn")
        assert "its certificate is good until" in seen["page"].found
        process.send_signal(signal.SIGTERM)
        said, complained = process.communicate(timeout=60)
        assert process.returncode == 0, complained
    assert "netstacks user add NAME --role admin" in complained
    assert "Traceback" not in said + complained
    assert PASSWORD not in said + complained


def test_it_does_not_start_where_passwords_would_be_seen(
    netstacks: Netstacks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = netstacks("serve", "--host", "192.0.2.1")
    assert refused.returncode == 2
    assert refused.stderr.startswith("netstacks: NETSTACKS_WEB_HOST: 192.0.2.1 is reached from")
    monkeypatch.setenv("NETSTACKS_WEB_HOST", "192.0.2.1")
    assert netstacks("up").stderr == refused.stderr
    monkeypatch.setenv("NETSTACKS_WEB_HOST", "127.0.0.1")
    monkeypatch.setenv("NETSTACKS_WEB_CERTIFICATE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("NETSTACKS_WEB_KEY", str(tmp_path / "none.key"))
    refused = netstacks("serve")
    assert refused.returncode == 2
    assert "NETSTACKS_WEB_CERTIFICATE: " in refused.stderr.splitlines()[0]


def test_an_installation_without_a_page_is_no_fault(database_url: str, tmp_path: Path) -> None:
    settings = Settings.model_validate({"web_port": 9, "state_dir": tmp_path})
    (found,) = asyncio.run(looked(settings, database_url)).values()
    assert (found.status, found.subject) == ("ok", "page")
    assert "netstacks serve" in found.found
