"""Several processes of the engine alone on one address: started, watched, told of new lists, and stopped.

The supervisor itself serves nothing and runs no event loop, so that a worker can be forked from it at any
time: the graph that was composed before is shared memory then. A worker that dies is started again on its own
listening socket, which the supervisor holds open, so that nobody who waits there is lost.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from hub.doors.server_config import GRACE_SECONDS
from hub.standalone import channel
from hub.standalone.application import GatewayOptions
from hub.standalone.graph_source import GraphSource
from hub.standalone.worker import run_worker

_STOPPED_WITHIN_SECONDS = GRACE_SECONDS + 2
_PAUSE_AFTER_DEATH_SECONDS = 0.5


class WorkerFailed(Exception):
    """A worker ended before it had served: starting it again would change nothing."""


@dataclass
class _Worker:
    """A living worker. ``behind`` are versions it was told of and has not taken up."""

    pid: int
    listener: socket.socket
    wire: socket.socket
    serves: bool = False
    behind: set[int] = field(default_factory=set)


class Supervisor:
    """``announce`` is called once, when every worker serves; ``say`` tells of workers that died."""

    def __init__(
        self,
        options: GatewayOptions,
        source: GraphSource,
        announce: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._options = options
        self._newest = channel.TakeUp(0 if source.is_nothing else 1, source)
        self._announce = announce
        self._say = say
        self._workers: list[_Worker] = []
        self._waiting: dict[int, _Worker] = {}
        self._selector = selectors.DefaultSelector()
        self._told_to_stop: int | None = None

    def run(self, listeners: Sequence[socket.socket]) -> int:
        """Until SIGINT or SIGTERM, which is returned. Raises :class:`WorkerFailed`."""
        gc.collect()
        gc.freeze()
        wakeup, wakeup_end = socket.socketpair()
        for end in (wakeup, wakeup_end):
            end.setblocking(False)
        signal.set_wakeup_fd(wakeup_end.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, self._note_signal)
        self._selector.register(wakeup, selectors.EVENT_READ)
        try:
            for listener in listeners:
                self._start(listener)
            return self._watch(wakeup)
        finally:
            self._stop_all()

    def _watch(self, wakeup: socket.socket) -> int:
        is_announced = False
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is wakeup:
                    wakeup.recv(4096)
                else:
                    self._listen_to(key.data)
            if self._told_to_stop is not None:
                return self._told_to_stop
            self._replace_the_dead(may_fail=is_announced)
            self._release_proposers()
            if not is_announced and all(worker.serves for worker in self._workers):
                is_announced = True
                self._announce()

    def _note_signal(self, number: int, _frame: object) -> None:
        """The wake-up descriptor ends the wait; a death is looked for after each."""
        if number != signal.SIGCHLD:
            self._told_to_stop = number

    def _start(self, listener: socket.socket) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._become_worker(listener, theirs)
        theirs.close()
        worker = _Worker(pid, listener, ours)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def _become_worker(self, listener: socket.socket, wire: socket.socket) -> NoReturn:
        code = 0
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._selector.close()
            for worker in self._workers:
                worker.wire.close()
            run_worker(self._options, self._newest, listener, wire)
        except KeyboardInterrupt:
            code = 130
        except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    def _listen_to(self, worker: _Worker) -> None:
        try:
            message = channel.receive(worker.wire)
        except channel.ChannelClosed:
            self._selector.unregister(worker.wire)
            return
        match message:
            case channel.Serving():
                worker.serves = True
            case channel.Taken(version):
                worker.behind.discard(version)
            case channel.Proposal(source):
                self._newest = channel.TakeUp(self._newest.version + 1, source)
                self._waiting[self._newest.version] = worker
                for each in self._workers:
                    each.behind.add(self._newest.version)
                    self._tell(each, self._newest)

    def _release_proposers(self) -> None:
        """Whoever proposed a version that all serve is told so."""
        for version, proposer in list(self._waiting.items()):
            if not any(version in worker.behind for worker in self._workers):
                del self._waiting[version]
                self._tell(proposer, channel.Spread(version))

    def _tell(self, worker: _Worker, message: channel.Message) -> None:
        try:
            channel.send(worker.wire, message)
        except channel.ChannelClosed:
            _signal(worker.pid, signal.SIGKILL)

    def _replace_the_dead(self, *, may_fail: bool) -> None:
        for worker in list(self._workers):
            gone, status = os.waitpid(worker.pid, os.WNOHANG)
            if gone:
                self._forget(worker)
                if not (may_fail or worker.serves):
                    raise WorkerFailed(f"A worker ended with {_ending(status)} before it served.")
                self._say(f"worker {worker.pid} ended with {_ending(status)}; starting another")
                time.sleep(_PAUSE_AFTER_DEATH_SECONDS)
                self._start(worker.listener)

    def _forget(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        if worker.wire.fileno() in self._selector.get_map():
            self._selector.unregister(worker.wire)
        worker.wire.close()
        self._waiting = {version: each for version, each in self._waiting.items() if each is not worker}

    def _stop_all(self) -> None:
        for worker in self._workers:
            _signal(worker.pid, signal.SIGTERM)
        ends = time.monotonic() + _STOPPED_WITHIN_SECONDS
        for worker in self._workers:
            while os.waitpid(worker.pid, os.WNOHANG) == (0, 0):
                if time.monotonic() > ends:
                    _signal(worker.pid, signal.SIGKILL)
                time.sleep(0.02)
            worker.wire.close()
        self._workers.clear()


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
