"""Mock departments and a Jiyi hub as pytest fixtures; drives the command ``jiyi`` as processes."""

from pytest_jiyi.client import Answer, GraphClient
from pytest_jiyi.department import MockDepartment
from pytest_jiyi.hub import Hub, RegistryHub

__all__ = ["Answer", "GraphClient", "Hub", "MockDepartment", "RegistryHub"]
