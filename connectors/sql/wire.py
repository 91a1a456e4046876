"""Which socket a thread waits on, so that somebody else can end its waiting.

A driver that reads from a silent socket reads for ever, and takes a thread of few with it. Cutting the wire ends
that: the driver meets the end of the connection, and the pool throws it away.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine, event, exc

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Wire:
    """The connection that one query is on, as long as it is on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: object | None = None
        self._is_over = False

    def take(self, connection: object) -> None:
        """Raises ``DisconnectionError`` where nobody waits any more."""
        with self._lock:
            if self._is_over:
                raise exc.InvalidRequestError("Nobody waits for this query any more.")
            self._connection = connection

    def leave(self) -> None:
        with self._lock:
            self._connection, self._is_over = None, True

    def cut(self) -> None:
        """End a query that is still under way. Safe to call when it has ended."""
        with self._lock:
            connection, self._connection, self._is_over = self._connection, None, True
            if connection is not None:
                _shut(connection)


class Wires:
    """The wires of one engine's threads."""

    def __init__(self) -> None:
        self._here = threading.local()

    def watch(self, engine: Engine) -> None:
        """Know each connection that a thread takes, before anything is sent on it. A kept one is tried first."""

        def checkout(connection: object, record: object, _proxy: object) -> None:
            wire: Wire | None = getattr(self._here, "wire", None)
            if wire is not None:
                wire.take(connection)
            if engine.dialect.name == "sqlite" or record in fresh:
                fresh.discard(record)
                return
            try:
                alive = engine.dialect.do_ping(connection)  # type: ignore[arg-type]  # the driver's own
            except engine.dialect.loaded_dbapi.Error as error:
                raise exc.DisconnectionError from error
            if not alive:
                raise exc.DisconnectionError

        fresh: set[object] = set()
        event.listen(engine, "connect", lambda _connection, record: fresh.add(record))
        event.listen(engine, "checkout", checkout)

    def use(
        self,
        wire: Wire,
        work: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """Do ``work`` in this thread on that wire."""
        self._here.wire = wire
        try:
            return work(*arguments, **named)
        finally:
            self._here.wire = None
            wire.leave()


def _shut(connection: object) -> None:
    """What waits on the driver's socket finds its end. SQLite has none, and ends by its own clock."""
    fileno: Callable[[], int] | None = getattr(connection, "fileno", None)  # psycopg
    opened: socket.socket | None = getattr(connection, "_sock", None)  # PyMySQL has no public name for it
    try:
        if fileno is not None:
            with socket.socket(fileno=os.dup(fileno())) as other:
                other.shutdown(socket.SHUT_RDWR)
        elif opened is not None:
            opened.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError):
        return  # it is closed already
