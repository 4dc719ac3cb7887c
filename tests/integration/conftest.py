"""Options, the system under test, and the rule that a suite that mostly skips has failed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.aws import Target
from tests.integration.outputs import OutputsError
from tests.integration.system import System, Way
from tests.integration.tiers import described, is_in_order

OUTPUTS, TARGET, ENDPOINT = "LIFEBOAT_OUTPUTS", "LIFEBOAT_TARGET", "AWS_ENDPOINT_URL"
SYSTEM = pytest.StashKey[System]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lifeboat", "a deployed system")
    group.addoption("--outputs", metavar="FOLDER", help=f"folder with the outputs of a deploy (else ${OUTPUTS})")
    group.addoption("--target", choices=("local", "aws"), help=f"where it was deployed (else ${TARGET}, else local)")
    group.addoption("--allow-writes", action="store_true", help="on AWS: also place orders, objects and items")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "writes: leaves data behind or runs the system's code; off on AWS by default")
    config.pluginmanager.register(_SkipRule(), "lifeboat-skips")


def pytest_sessionstart(session: pytest.Session) -> None:
    _system(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    system = _system(metafunc.config)
    if "region" in metafunc.fixturenames:
        metafunc.parametrize("region", system.regions, ids=str)
    if "way" in metafunc.fixturenames:
        metafunc.parametrize("way", system.ways or [None], ids=str, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    target = _system(config).target
    if target.name == "local" or target.allow_writes:
        return
    for item in items:
        if item.get_closest_marker("writes"):
            item.add_marker(pytest.mark.skip(reason="--allow-writes not given"))


class _SkipRule:
    """Fails a session in which more than half of the tests were skipped: it has shown too little to be green.

    Tests of what the description does not ask for are not counted: no system has every tier.
    """

    def __init__(self) -> None:
        self._spec = described()
        self._outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome == "skipped" and is_in_order(str(report.longrepr), self._spec):
            return
        if report.when == "call" or report.outcome != "passed":
            self._outcomes[report.nodeid] = report.outcome

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._says and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._says:
            terminalreporter.write_line(f"FAILED: {self._says}", red=True)

    @property
    def _says(self) -> str:
        skipped = sum(outcome == "skipped" for outcome in self._outcomes.values())
        if 2 * skipped <= len(self._outcomes):
            return ""
        return f"{skipped} of {len(self._outcomes)} tests were skipped: too few ran to say that the system works"


@pytest.fixture(scope="session")
def system(pytestconfig: pytest.Config) -> System:
    """The deployed system, found from its outputs."""
    return _system(pytestconfig)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> Way:
    """Give each direction between two regions in turn; skip where there is only one region."""
    if request.param is None:
        pytest.skip("output regions names one region: nothing is replicated")
    assert isinstance(request.param, Way)
    return request.param


def _system(config: pytest.Config) -> System:
    """Find the system once per session; a usage error stops everything when there is none."""
    if SYSTEM not in config.stash:
        folder = config.getoption("--outputs", None) or os.environ.get(OUTPUTS)
        if not folder:
            raise pytest.UsageError(f"which system? Give --outputs FOLDER, or set {OUTPUTS}")
        try:
            config.stash[SYSTEM] = System(Path(folder), _target(config))
        except OutputsError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[SYSTEM]


def _target(config: pytest.Config) -> Target:
    name = config.getoption("--target", None) or os.environ.get(TARGET, "local")
    endpoint = os.environ.get(ENDPOINT)
    if name == "local":
        if not endpoint:
            raise pytest.UsageError(f"--target local: {ENDPOINT} is not set; it names the embedded AWS")
        return Target(name="local", endpoint=endpoint, allow_writes=True)
    if name != "aws":
        raise pytest.UsageError(f"{TARGET}: unknown target {name!r}; allowed: local, aws")
    if endpoint:
        raise pytest.UsageError(f"--target aws: {ENDPOINT} is set, so this would not be AWS")
    return Target(name="aws", endpoint=None, allow_writes=bool(config.getoption("--allow-writes", default=False)))
