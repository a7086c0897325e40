"""The root cause behind what a NAPALM driver raised.

NAPALM says "cannot connect" for a refused port, a wrong password and a missing
algorithm alike; what happened stands in the chain of causes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from netstacks_tasks.devices.ssh_errors import socket_error
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.inventory import Device

OVER_HTTPS: Final = frozenset({"eos", "nxos"})
"""The platforms whose drivers do not speak SSH."""
_AUTHENTICATION: Final = frozenset(
    {
        "AuthenticationException",
        "ConnectAuthError",
        "NetmikoAuthenticationException",
        "NXAPIAuthError",
    }
)
_BROKEN: Final = frozenset(
    {"SSHException", "ReadException", "ConnectClosedError", "SessionCloseError"}
)


def napalm_error(device: Device, error: BaseException, *, opened: bool) -> DeviceError:
    """The error as one of the device; `opened` says that the login was over."""
    links = list(chain(error))
    # Ours say most; a refused enable hides a mere time limit behind it.
    for link in links:
        if isinstance(link, DeviceError) or _refused_enable(link):
            known = _by_kind(device, link, opened=opened)
            if known is not None:
                return known
    for link in reversed(links):
        known = _by_kind(device, link, opened=opened)
        if known is not None:
            return known
    return DeviceError(
        device.name,
        "command" if opened else "connect",
        "internal",
        f"the driver failed with {type(links[-1]).__name__}",
    )


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what each was raised from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _refused_enable(error: BaseException) -> bool:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return "enable" in str(error).casefold() and bool(
        kinds & {"ValueError", "NetmikoBaseException"}
    )


def _by_kind(  # noqa: PLR0911 - one answer per cause
    device: Device, error: BaseException, *, opened: bool
) -> DeviceError | None:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    text = str(error).casefold()
    if isinstance(error, DeviceError):
        return error
    if "BadHostKeyException" in kinds or "known_hosts" in text:
        message = "the host key is not the one that is trusted: see `netstacks device trust`"
        return DeviceError(device.name, "host_key", "host_key", message)
    if kinds & _AUTHENTICATION or ("EapiError" in kinds and text.startswith("unauthorized")):
        message = "the device refused the login: check the credential's username and password"
        return DeviceError(device.name, "authenticate", "auth", message)
    if _refused_enable(error):
        message = "enable was refused: check the credential's enable_secret"
        return DeviceError(device.name, "prompt", "prompt", message)
    if "xml agent is not enabled" in text:
        message = "its XML agent is off: configure `xml agent tty iteration off` on the device"
        return DeviceError(device.name, "connect", "unsupported", message)
    if "IncompatiblePeer" in kinds or "no acceptable" in text:
        message = "no SSH algorithm in common with the device"
        return DeviceError(device.name, "key_exchange", "kex", message)
    if kinds & {"ReadTimeout", "NetmikoTimeoutException", "RpcTimeoutError"}:
        waiting: Stage = "command" if opened else "prompt"
        return DeviceTimeout(device.name, waiting, "the device's prompt did not come in time")
    if kinds & _BROKEN:
        broken: Stage = "command" if opened else "key_exchange"
        return DeviceError(device.name, broken, "disconnected", "the SSH connection broke")
    return _of_socket(device, error, "command" if opened else "connect")


def _of_socket(device: Device, error: BaseException, stage: Stage) -> DeviceError | None:
    if device.platform not in OVER_HTTPS:
        return socket_error(device, error, stage)
    port = device.options.get("port", 443)
    if isinstance(error, ConnectionRefusedError):
        said = f"{device.host} port {port} refuses connections: is its HTTPS API on?"
        return DeviceError(device.name, "connect", "refused", said)
    return socket_error(device.model_copy(update={"port": port}), error, stage)
