"""Reads configurations through NAPALM.

Drivers block, so each works in a thread of its own, with a socket of ours that
is closed when its time is over. Which host is spoken to is checked so:

* `ios` and `nxos_ssh`: the SSH connection itself must show the trusted key.
* `junos` and `iosxr`: the drivers take no key, so the device's key is compared
  just before they connect.
* `eos` and `nxos` speak HTTPS, where there is no SSH key; their drivers verify
  no certificate unless the device's options say so.
"""

from __future__ import annotations

import asyncio
import io
import re
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from netstacks_tasks.devices.daemon_thread import in_daemon_thread
from netstacks_tasks.devices.host_key import (
    changed,
    known_hosts_text,
    offered_key,
    trusted_keys,
    why_refused,
)
from netstacks_tasks.devices.napalm_errors import napalm_error
from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.options import LEGACY_ALGORITHMS, option_faults
from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.ports import CapturedConfig, HostKeys
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget, HostKey

if TYPE_CHECKING:
    from netstacks_tasks.devices.netmiko_watch import SessionWatch, WatchedSocket

_OVER_HTTPS: Final = frozenset({"eos", "nxos"})
_NO_STARTUP: Final = re.compile(
    r"\s*(%+ ?)?(startup-config is not present|non-volatile configuration memory (is not present"
    r"|invalid or not present)|no startup configuration|no such file.*)?[.\s]*",
    re.IGNORECASE,
)


class NapalmReader:
    """The configuration reader of every platform that NAPALM has a driver for."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def read_config(self, target: DeviceTarget, *, timeout: float) -> CapturedConfig:
        device = target.device
        work: _Work | None = None
        # An inventory may be older than the list of options.
        for name, fault in option_faults(device.platform, device.options):
            raise DeviceError(device.name, "connect", "unsupported", f"options.{name}: {fault}")
        try:
            async with asyncio.timeout(timeout):
                trusted = await self._trusted(device, timeout)
                work = _Work(target, trusted, timeout)
                try:
                    return await in_daemon_thread(work.run, work.abort, f"napalm {device.name}")
                except DeviceError as error:
                    if error.cause != "host_key":
                        raise
                    raise await why_refused(device, trusted, error, timeout=timeout) from error
        except DeviceError:
            raise
        except TimeoutError:
            opened = work is not None and work.opened
            raise DeviceTimeout(
                device.name,
                "command" if opened else "connect",
                f"did not show its configuration within {timeout:.0f} seconds",
            ) from None

    async def _trusted(self, device: Device, timeout: float) -> tuple[HostKey, ...]:
        if device.platform in _OVER_HTTPS:
            return ()
        trusted = await trusted_keys(device, self._host_keys, timeout=timeout)
        if not PLATFORMS[device.platform].ssh_driver:
            offered = await offered_key(device, timeout=timeout)
            if offered.public_key not in {key.public_key for key in trusted}:
                raise changed(device, trusted, offered)
        return trusted


class _Work:
    """One session, in its thread."""

    def __init__(self, target: DeviceTarget, trusted: tuple[HostKey, ...], timeout: float) -> None:
        self._device = target.device
        self._credential = target.credential
        self._trusted = trusted
        self._timeout = timeout
        self._socket: WatchedSocket | None = None
        self._watch: SessionWatch | None = None
        self._aborted = False
        self.opened = False

    def abort(self) -> None:
        """Close the connection: whoever blocks on it fails."""
        self._aborted = True
        if self._socket is not None:
            self._socket.ended = True
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def run(self) -> CapturedConfig:
        with tempfile.TemporaryDirectory(prefix="netstacks-") as folder:
            try:
                return self._captured(Path(folder))
            except Exception as error:
                raise napalm_error(self._device, error, opened=self.opened) from error
            finally:
                if self._socket is not None:
                    self._socket.close()

    def _captured(self, folder: Path) -> CapturedConfig:
        # Importing NAPALM takes a second, which only those who need it pay.
        from napalm import get_network_driver  # noqa: PLC0415

        password = self._credential.password
        driver = get_network_driver(self._device.platform)(
            hostname=self._device.host,
            username=self._credential.username,
            password=password.get_secret_value() if password else "",
            timeout=max(int(self._timeout), 1),
            optional_args=self._options(folder),
        )
        driver.open()
        self.opened = True
        if self._watch is not None:
            self._watch.logged_in = True
        try:
            found = driver.get_config(retrieve="all")
        finally:
            if not self._aborted:
                with suppress(Exception):
                    driver.close()
        startup = clean(str(found.get("startup") or ""))
        return CapturedConfig(
            running=clean(str(found.get("running") or "")),
            startup=None if _NO_STARTUP.fullmatch(startup) else startup,
        )

    def _options(self, folder: Path) -> dict[str, Any]:
        options: dict[str, Any] = {
            name: value for name, value in self._device.options.items() if name != LEGACY_ALGORITHMS
        }
        if self._device.platform not in _OVER_HTTPS:
            options["port"] = self._device.port
        if self._credential.enable_secret is not None:
            options["secret"] = self._credential.enable_secret.get_secret_value()
        if PLATFORMS[self._device.platform].ssh_driver:
            options |= self._ssh_options(folder)
        return options

    def _ssh_options(self, folder: Path) -> dict[str, Any]:
        known = folder / "known_hosts"
        known.write_text(known_hosts_text(self._device, self._trusted))
        # Netmiko, like NAPALM, is imported only by those who need it.
        from netstacks_tasks.devices.netmiko_watch import (  # noqa: PLC0415
            SessionWatch,
            WatchedSocket,
        )

        self._socket = WatchedSocket.connect_to(self._device.host, self._device.port, self._timeout)
        self._watch = SessionWatch(self._device, self._socket)
        if self._aborted:
            raise DeviceTimeout(self._device.name, "connect", "its time was over")
        return {
            "sock": self._socket,
            "session_log": self._watch,
            # It could name a command to run instead of the socket we checked.
            "ssh_config_file": None,
            "ssh_strict": True,
            "system_host_keys": False,
            "alt_host_keys": True,
            "alt_key_file": str(known),
            "allow_agent": False,
            "use_keys": False,
            "pkey": _private_key(self._device, self._credential),
            "auth_timeout": self._timeout,
            "banner_timeout": self._timeout,
            "read_timeout_override": self._timeout,
        }


def _private_key(device: Device, credential: DeviceCredential) -> Any:  # noqa: ANN401 - untyped
    if credential.private_key is None:
        return None
    import paramiko  # noqa: PLC0415

    text = credential.private_key.get_secret_value()
    phrase = credential.private_key_passphrase
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(
                io.StringIO(text), password=phrase.get_secret_value() if phrase else None
            )
    raise DeviceError(
        device.name,
        "credential",
        "auth",
        "the credential's private key cannot be read: check it and its passphrase",
    )
