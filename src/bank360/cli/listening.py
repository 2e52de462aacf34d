"""Ports of this machine: taken before anything is started, and told as an address only once something answers there."""

import errno
import socket
from http.client import HTTPConnection, HTTPException

from bank360.bank.errors import SettingsError

_SECONDS_TO_ANSWER = 5.0
# What is listened at on every address is asked for on this machine's own.
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound by it


def port_at(host: str, port: int, option: str) -> socket.socket:
    """Return a socket that holds a port, for a server to listen at.

    Parameters
    ----------
    option
        The option of the command that chooses the port, for the message.

    Raises
    ------
    SettingsError
        If another program has the port, or the address is none of this machine's.
    """
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((host, port))
    except OSError as error:
        held.close()
        raise SettingsError(_why(error, host, port, option)) from error
    return held


def answers_at(held: socket.socket, path: str) -> bool:
    """Return whether a server answers at the port with success."""
    host, port = held.getsockname()[:2]
    asking = HTTPConnection(_ANYWHERE.get(host, host), port, timeout=_SECONDS_TO_ANSWER)
    try:
        asking.request("GET", path)
        return asking.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


def _why(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is taken by another program. Stop that one, or choose another port by {option}."
    if error.errno == errno.EACCES:
        return f"Port {port} may be listened at by the machine's administrator only. Choose another by {option}."
    return f"Nothing can listen at {host}: {error.strerror or error}. Name an address of this machine by --host."
