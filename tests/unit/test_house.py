"""The rules of the house, kept by reading the source: who imports whom, who creates what, and how long things are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROOMS = ("deployments", "functions", "constructs_lib", "stacks", "lifeboat")
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
MOST_INPUTS = 6

MAY_IMPORT = {
    "deployments": {"deployments"},
    "functions": {"functions"},
    "constructs_lib": {"constructs_lib", "deployments"},
    "stacks": {"stacks", "constructs_lib", "deployments"},
    "lifeboat": {"lifeboat", "deployments"},
}
"""What each room may import of the others."""

EXCEPTIONS = {
    ("functions/packaging.py", "deployments.problems"): "bad requirements are reported like every other bad input",
    ("functions/distributions.py", "deployments.problems"): "as above",
    ("constructs_lib/function.py", "functions.packaging"): "the archive is built where the function is created",
    ("constructs_lib/edge_function.py", "functions.packaging"): "as above",
    ("lifeboat/local/embedded/containers.py", "functions.packaging"): "what stands in for a container is packed alike",
}
"""Imports across rooms that are not in the table, each with its reason."""

THIRD_PARTY = {
    "deployments": {"pydantic", "pydantic_core"},
    "constructs_lib": {"cdktf", "cdktf_cdktf_provider_aws", "constructs"},
    "stacks": {"cdktf", "cdktf_cdktf_provider_aws", "constructs"},
}
"""What rooms with a short list may import beyond the standard library."""


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((PROJECT / room).rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return found


def calls(path: Path) -> set[str]:
    """Return the names that a file calls."""
    return {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }


@pytest.mark.parametrize("path", sources(*ROOMS), ids=name_of)
def test_a_room_imports_only_the_rooms_it_may(path: Path) -> None:
    room = path.relative_to(PROJECT).parts[0]
    crossed = {module for module in imports(path) if module.split(".")[0] in {*ROOMS, "main", "tests"}}
    wrong = {module for module in crossed if module.split(".")[0] not in MAY_IMPORT[room]}
    assert {module for module in wrong if (name_of(path), module) not in EXCEPTIONS} == set()


def test_every_exception_to_the_import_rules_is_needed() -> None:
    for file, module in EXCEPTIONS:
        assert module in imports(PROJECT / file), file


@pytest.mark.parametrize("path", sources("deployments", "functions", "lifeboat"), ids=name_of)
def test_only_stacks_and_constructs_load_cdktf(path: Path) -> None:
    tools = {"cdktf", "constructs", "cdktf_cdktf_provider_aws", "jsii"}
    assert {module.split(".")[0] for module in imports(path)} & tools == set()


@pytest.mark.parametrize("path", sources(*THIRD_PARTY), ids=name_of)
def test_a_room_uses_only_the_packages_on_its_list(path: Path) -> None:
    import sys  # noqa: PLC0415 for the list of standard modules alone

    room = path.relative_to(PROJECT).parts[0]
    used = {module.split(".")[0] for module in imports(path)} - set(sys.stdlib_module_names) - set(ROOMS)
    assert used <= THIRD_PARTY[room]


@pytest.mark.parametrize("path", sources("constructs_lib"), ids=name_of)
def test_constructs_make_no_provider_backend_or_output(path: Path) -> None:
    assert calls(path) & {"AwsProvider", "S3Backend", "TerraformOutput", "TerraformStack", "App"} == set()


def test_outputs_providers_and_backends_are_made_in_the_base_of_stacks_alone() -> None:
    makers = {
        name_of(path) for path in sources(*ROOMS) if calls(path) & {"AwsProvider", "S3Backend", "TerraformOutput"}
    }
    assert makers == {"stacks/base.py"}


@pytest.mark.parametrize("path", sources("stacks"), ids=name_of)
def test_stacks_compose_and_create_no_resource(path: Path) -> None:
    allowed = {"provider", "data_aws_caller_identity", "data_aws_partition"}
    bindings = {module.partition(".")[2] for module in imports(path) if module.startswith("cdktf_cdktf_provider_aws")}
    assert bindings <= (allowed if path.name == "base.py" else set())


@pytest.mark.parametrize("path", sources("constructs_lib"), ids=name_of)
def test_a_constructs_inputs_are_keywords_and_at_most_six(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef) and any("Construct" in ast.unparse(base) for base in node.bases):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    arguments = method.args
                    assert [argument.arg for argument in arguments.args] == ["self", "scope", "id_"], node.name
                    assert arguments.vararg is arguments.kwarg is None, node.name
                    assert len(arguments.kwonlyargs) <= MOST_INPUTS, node.name


@pytest.mark.parametrize("path", sources(*ROOMS, "tests"), ids=name_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = node.body[1].lineno if is_documented and len(node.body) > 1 else node.lineno
            assert (node.end_lineno or start) - start <= LONGEST_FUNCTION, f"{node.name} is too long"


def test_the_entry_point_is_a_table_of_contents() -> None:
    assert len((PROJECT / "main.py").read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.parametrize("path", [*sources(*ROOMS, "tests"), PROJECT / "main.py"], ids=name_of)
def test_a_suppression_carries_its_code_and_its_reason(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for found in re.finditer(r"#\s*(noqa|type:\s*ignore)(.*)", line):
            if line[: found.start()].count('"') % 2 == 0:  # else it is part of a text
                shape = r"(: [A-Z]+\d+(, ?[A-Z]+\d+)*|\[[a-z, -]+\]) \S.{3,}"
                assert re.fullmatch(shape, found[2]), f"{name_of(path)}:{number}"


@pytest.mark.parametrize("path", sources("constructs_lib", "stacks"), ids=name_of)
def test_no_construct_writes_a_physical_region_or_account(path: Path) -> None:
    if path.name in {"global_.py", "graphs.py"}:
        return
    code = "\n".join(ast.unparse(node) for node in parsed(path).body if not isinstance(node, ast.Expr))
    without_texts = re.sub(r'""".*?"""', "", code, flags=re.DOTALL)
    assert re.findall(r"['\"]((?:us|eu|ap)-[a-z]+-\d|\d{12})['\"]", without_texts) == []
