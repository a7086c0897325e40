"""One session with a device through NAPALM.

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
import logging
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from netstacks_tasks.devices.daemon_thread import in_daemon_thread
from netstacks_tasks.devices.driver_cut import cut
from netstacks_tasks.devices.host_key import (
    changed,
    known_hosts_text,
    offered_key,
    trusted_keys,
    why_refused,
)
from netstacks_tasks.devices.napalm_errors import OVER_HTTPS, napalm_error
from netstacks_tasks.devices.napalm_host import follow_no_redirects, hostname_for
from netstacks_tasks.devices.options import LEGACY_ALGORITHMS, require_options
from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget, HostKey

if TYPE_CHECKING:
    from netstacks_tasks.devices.netmiko_watch import SessionWatch, WatchedSocket

T = TypeVar("T")


async def in_session(
    target: DeviceTarget,
    host_keys: HostKeys,
    act: Callable[[Any], T],
    *,
    timeout: float,
    doing: str,
) -> T:
    """What `act` makes of the open driver; the session ends with it.

    Args:
        target: the device, of a platform that NAPALM has a driver for.
        host_keys: the keys to hold it to.
        act: called with the driver, in the session's own thread.
        timeout: seconds for all of it.
        doing: for the error of a device that takes longer, as in "did not <doing>".

    Raises:
        DeviceError: it cannot be reached, or failed on the way.
    """
    device = target.device
    work: _Work[T] | None = None
    require_options(device)
    try:
        async with asyncio.timeout(timeout):
            trusted = await _trusted(device, host_keys, timeout)
            work = _Work(target, trusted, timeout, act)
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
            f"did not {doing} within {timeout:.0f} seconds",
        ) from None


async def _trusted(device: Device, host_keys: HostKeys, timeout: float) -> tuple[HostKey, ...]:
    if device.platform in OVER_HTTPS:
        return ()
    trusted = await trusted_keys(device, host_keys, timeout=timeout)
    if not PLATFORMS[device.platform].ssh_driver:
        offered = await offered_key(device, timeout=timeout)
        if offered.public_key not in {key.public_key for key in trusted}:
            raise changed(device, trusted, offered)
    return trusted


class _Work(Generic[T]):
    """One session, in its thread."""

    def __init__(
        self,
        target: DeviceTarget,
        trusted: tuple[HostKey, ...],
        timeout: float,
        act: Callable[[Any], T],
    ) -> None:
        self._device = target.device
        self._credential = target.credential
        self._trusted = trusted
        self._timeout = timeout
        self._act = act
        self._socket: WatchedSocket | None = None
        self._watch: SessionWatch | None = None
        self._driver: Any = None
        self._aborted = False
        self.opened = False

    def abort(self) -> None:
        """Close the connection: whoever blocks on it fails, and nothing more is sent."""
        self._aborted = True
        if self._driver is not None:
            cut(self._driver)
        if self._socket is not None:
            self._socket.ended = True
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def run(self) -> T:
        with tempfile.TemporaryDirectory(prefix="netstacks-") as folder:
            try:
                return self._acted(Path(folder))
            except Exception as error:
                raise napalm_error(self._device, error, opened=self.opened) from error
            finally:
                if self._socket is not None:
                    self._socket.close()

    def _acted(self, folder: Path) -> T:
        # Importing NAPALM takes a second, which only those who need it pay.
        from napalm import get_network_driver  # noqa: PLC0415

        _silence()
        follow_no_redirects()
        password = self._credential.password
        driver = get_network_driver(self._device.platform)(
            hostname=hostname_for(self._device),
            username=self._credential.username,
            password=password.get_secret_value() if password else "",
            timeout=max(int(self._timeout), 1),
            optional_args=self._options(folder),
        )
        self._driver = driver
        driver.open()
        if self._aborted:
            cut(driver)
            raise DeviceTimeout(self._device.name, "connect", "its time was over")
        self.opened = True
        if self._watch is not None:
            self._watch.logged_in = True
        try:
            return self._act(driver)
        finally:
            if not self._aborted:
                with suppress(Exception):
                    self._leave_agent(driver)
                    driver.close()

    def _leave_agent(self, driver: Any) -> None:  # noqa: ANN401 - NAPALM's is untyped
        if self._device.platform == "iosxr":
            # At the prompt of its XML agent netmiko looks for another one, for ten seconds.
            driver.device.device.write_channel("exit\n")

    def _options(self, folder: Path) -> dict[str, Any]:
        options: dict[str, Any] = {
            name: value for name, value in self._device.options.items() if name != LEGACY_ALGORITHMS
        }
        if self._device.platform not in OVER_HTTPS:
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

        self._socket = WatchedSocket.connect_to(self._device, self._timeout)
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


def _silence() -> None:
    """Keep out of the log what the drivers send: configurations, with the secrets in them.

    What matters of it becomes an error of the device.
    """
    for name in ("napalm", "netmiko", "ncclient", "jnpr", "pyeapi"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


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
