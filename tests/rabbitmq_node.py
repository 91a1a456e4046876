"""A RabbitMQ node of a test's own, with the management plugin: it may be killed without harming others.

Name, ports, data and cookie are its own, so that any number of them run beside the machine's broker.
It takes some seconds to start: share one where nothing is killed.
"""

from __future__ import annotations

import base64
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hub.cli.ports import free_port

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
STARTS_WITHIN = 90
_CONFIGURATION = """
listeners.tcp.default = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
log.console = false
log.file.level = warning
vm_memory_high_watermark.absolute = 400MB
disk_free_limit.absolute = 50MB
"""


class RabbitMQNode:
    """``start`` it, and leave it with ``stop``; its data are in ``folder`` and outlive a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"jiyi-{uuid.uuid4().hex[:10]}@localhost"
        self.port, self._management, self._distribution = _free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the administrator, who is guest."""
        return self.url_of("guest", "guest")

    @property
    def pid(self) -> int:
        """Raises ``RuntimeError`` when it does not run."""
        if self._process is None:
            raise RuntimeError("RabbitMQ was not started")
        return self._process.pid

    @property
    def management_url(self) -> str:
        """With the administrator's name and password."""
        return f"http://guest:guest@127.0.0.1:{self._management}"

    def url_of(self, user: str, password: str) -> str:
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Return once it takes connections on both ports."""
        self._folder.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "rabbitmq.conf"
        configuration.write_text(_CONFIGURATION.format(amqp=self.port, management=self._management))
        plugins = self._folder / "enabled_plugins"
        plugins.write_text("[rabbitmq_management].")
        log = self._folder / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [SERVER],
                env={**os.environ, **self._environment(configuration, plugins)},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        ends = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                self.kill()
                raise RuntimeError(f"RabbitMQ did not start: {log.read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """In order: what is durable is on disk."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, number)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _environment(self, configuration: Path, plugins: Path) -> dict[str, str]:
        return {
            "HOME": str(self._folder),
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_CONFIG_FILE": str(configuration),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
        }

    def _answers(self) -> bool:
        guest = base64.b64encode(b"guest:guest").decode()
        connection = http.client.HTTPConnection("127.0.0.1", self._management, timeout=5)
        try:
            connection.request("GET", "/api/overview", headers={"Authorization": f"Basic {guest}"})
            if connection.getresponse().status != 200:
                return False
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def require_rabbitmq_server() -> None:
    """Skip on a developer's machine without it, fail in CI."""
    if Path(SERVER).exists() and shutil.which("erl"):
        return
    message = f"{SERVER} or Erlang is missing; a broker of the tests' own cannot be started"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{message}; CI requires it")
    pytest.skip(message)


def with_port(url: str, port: int) -> str:
    """The same broker through a wire that listens on ``port``."""
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()


def _free_ports(number: int) -> list[int]:
    found: set[int] = set()
    while len(found) < number:
        found.add(free_port())
    return sorted(found)
