"""pytest-jiyi in another repository: a fresh environment, the wheel of the plugin alone, a few lines of test."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.mocks.mocking import ROOT

pytestmark = pytest.mark.whole

BORROWED = ("pytest", "pluggy", "iniconfig", "packaging", "Pygments")
"""What pytest needs, lent from this environment so that nothing is fetched."""

FIRST_TEST = """
def test_products_stay_when_reviews_are_down(mock_department, hub, graph_client):
    products = mock_department("products", "products.graphql")
    reviews = mock_department("reviews", "reviews.graphql")
    client = graph_client(hub(products, reviews))
    assert client.data("{ products { name reviews { stars } } }")
    reviews.fault(status=503)
    answer = client.query("{ products { name reviews { stars } } }")
    assert answer.data["products"][0]["name"]
    assert answer.errors[0]["extensions"]["service"] == "reviews"
"""
MORE_TESTS = '''
import importlib.util
import sys

CITIZEN = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])
type Citizen @key(fields: "idNumber") { idNumber: String! @inaccessible tickets: [TrafficTicket!]! }
type TrafficTicket { number: String! amountFen: Int! }
"""

def test_it_is_as_it_was_before(mock_department):
    reviews = mock_department("reviews", "reviews.graphql")
    assert reviews.requests() == []

def test_own_modules_are_not_in_the_way():
    import hub, mocks, schema
    assert (hub.WHOSE, mocks.WHOSE, schema.WHOSE) == ("ours",) * 3
    for name in ("connectors", "auth", "graphql", "starlette", "aiohttp"):
        assert importlib.util.find_spec(name) is None, name
    assert "pytest_jiyi" in sys.modules

def test_events(mock_department, hub, graph_client):
    products = mock_department("products", "products.graphql", interval=0.05)
    client = graph_client(hub(products))
    events = client.events("subscription { sold { name } }")
    assert [next(events).data["sold"]["name"] for _ in range(2)]

def test_a_mutation_is_forgotten_between_tests(mock_department, graph_client):
    products = mock_department("products", "products.graphql")
    client = graph_client(products)
    client.data('mutation { rename(upc: "a", name: "x") { name } }')
    assert client.data('{ product(upc: "a") { name } }') == {"product": {"name": "x"}}
    mock_department("products", "products.graphql")
    assert client.data('{ product(upc: "a") { name } }') != {"product": {"name": "x"}}

def test_a_real_hub_shows_a_persons_own(mock_department, hub, graph_client):
    police = mock_department("traffic-police", CITIZEN)
    real = hub.with_registry(police)
    me = graph_client(real, token=real.sign_in("110102199003150026"))
    assert graph_client(real).query("{ me { tickets { number } } }").errors
    assert "tickets" in me.data("{ me { tickets { number amountFen } } }")["me"]
    other = mock_department("traffic-police", CITIZEN.replace("tickets:", "fines:"))
    assert any(change["criticality"] == "BREAKING" for change in real.check(other)["changes"])
'''
PRODUCTS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { products: [Product!]! product(upc: ID!): Product }
type Product @key(fields: "upc") { upc: ID! name: String! }
type Mutation { rename(upc: ID!, name: String!): Product }
type Subscription { sold: Product! }
"""
REVIEWS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Product @key(fields: "upc") { upc: ID! reviews: [Review!] }
type Review { stars: Int! }
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin")
    plugin = ROOT / "mocks" / "pytest_plugin"
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, plugin)
    (wheel,) = folder.glob("pytest_jiyi-*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with pytest and the plugin."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--no-deps", wheel)
    borrowed = folder / "borrowed"
    borrowed.mkdir()
    for name in BORROWED:
        found = distribution(name)
        tops = {Path(str(file)).parts[0] for file in found.files or ()} - {"..", "__pycache__"}
        for top in tops:
            (borrowed / top).symlink_to(Path(str(found.locate_file(top))))
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (site / "borrowed.pth").write_text(f"{borrowed}\n")
    return python


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_brings_one_module_and_needs_pytest_alone(wheel: Path) -> None:
    """No generic name comes into the integrator's environment."""
    with zipfile.ZipFile(wheel) as opened:
        tops = {name.partition("/")[0] for name in opened.namelist()}
        metadata = next(name for name in opened.namelist() if name.endswith("/METADATA"))
        text = opened.read(metadata).decode()
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pytest_jiyi"}
    assert [line for line in text.splitlines() if line.startswith("Requires-Dist")] == ["Requires-Dist: pytest>=8"]


@pytest.mark.timeout(400)
def test_a_scratch_project_tests_against_mocks_and_hubs(python: Path, tmp_path: Path) -> None:
    """The test of the quickstart, and one of each fixture, beside modules called as ours are."""
    for name in ("hub", "mocks", "schema"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('WHOSE = "ours"\n')
    (tmp_path / "products.graphql").write_text(PRODUCTS)
    (tmp_path / "reviews.graphql").write_text(REVIEWS)
    (tmp_path / "test_first.py").write_text(FIRST_TEST)
    (tmp_path / "test_more.py").write_text(MORE_TESTS)
    environment = {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "JIYI_COMMAND": str(Path(sys.executable).with_name("jiyi")),
    }
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=380,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


def test_without_the_command_it_says_what_to_set(python: Path, tmp_path: Path) -> None:
    """One line with the mend, no stack trace."""
    (tmp_path / "test_it.py").write_text("def test_it(jiyi_command): ...\n")
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "There is no command jiyi. Set JIYI_COMMAND to it" in done.stdout
