"""What `importlib.metadata` says of `fastapi`, installed and not."""

from importlib.metadata import DistributionFinder, version

from martlet.dropin import FASTAPI_VERSION
from martlet.dropin._alias import AliasFinder
from martlet.dropin._metadata import StandIn
from tests.dropin.programs import INSTALL, printed, without_fastapi

ASK = (
    "import importlib.metadata as metadata\n"
    "print(metadata.version('fastapi'), metadata.distribution('FastAPI').metadata['Summary'])\n"
    "print(sum(each.metadata['Name'] == 'fastapi' for each in metadata.distributions()))\n"
    "print(*metadata.packages_distributions()['fastapi'])\n"
)


def test_what_is_installed_goes_first() -> None:
    first, count, packages = printed(INSTALL + ASK).split("\n")
    assert first.startswith(version("fastapi"))
    assert "Martlet" not in first
    assert (count, packages) == ("1", "fastapi")


def test_martlet_answers_where_nothing_is_installed() -> None:
    first, count, packages = printed(without_fastapi() + INSTALL + ASK).split("\n")
    assert first == f"{FASTAPI_VERSION} Martlet, which answers to this name in this process (martlet.dropin)"
    assert (count, packages) == ("1", "fastapi")


def test_the_name_is_there_where_nothing_is_installed() -> None:
    code = f"{without_fastapi()}{INSTALL}import fastapi.testclient\nprint(fastapi.__version__)"
    assert printed(code) == FASTAPI_VERSION


def test_others_are_not_its_business() -> None:
    finder = AliasFinder()
    assert list(finder.find_distributions(DistributionFinder.Context(name="starlette"))) == []
    assert list(finder.find_distributions()) == []


def test_it_has_no_other_files() -> None:
    assert StandIn().read_text("RECORD") is None
    assert StandIn().files is None
    assert StandIn().locate_file("martlet/__init__.py").name == "__init__.py"
    assert StandIn().locate_file("martlet/dropin/_metadata.py").is_file()
