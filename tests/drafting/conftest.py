"""The command line, for what is read from files."""

from tests.cli.conftest import jiyi

__all__ = ["jiyi"]
