"""Whether ports are free, and who holds those that are not."""

import socket
from collections.abc import Iterable
from contextlib import suppress

import psutil

from stack.processes import LOOPBACK, Process


class PortTaken(Exception):
    """A port that the system needs is in use; the text names it, its holder if known, and what to do."""


def check_ports(processes: Iterable[Process]) -> None:
    """Raises PortTaken with a sentence for every port of these processes that is in use."""
    taken = [process for process in processes if process.port and not is_free(process.port)]
    if taken:
        raise PortTaken("\n".join(_sentence(process) for process in taken))


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as attempt:
        # As servers do: a port whose last connections are still being forgotten is free.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def holder_of(port: int) -> str:
    """The process that listens on a port, as ``name (process id)``; empty when this user may not know."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("inet"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""


def _sentence(process: Process) -> str:
    holder = holder_of(process.port or 0)
    return (
        f"Port {process.port}, which {process.name} needs, is taken{f' by {holder}' if holder else ''}: "
        f"stop that, or choose another port with {process.port_setting}=… in .env or the environment."
    )
