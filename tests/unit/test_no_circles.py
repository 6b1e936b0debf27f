"""No two modules import each other, directly or by way of others, not even for their types."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp

PACKAGES = ("services", "shared", "cli", "embedded")


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = grimp.build_graph(*PACKAGES, include_external_packages=False, cache_dir=None)
    imports = {
        module: graph.find_modules_directly_imported_by(module)
        for module in graph.modules
        # A package that only hands names on is no room of its own.
        if not any(other.startswith(f"{module}.") for other in graph.modules)
    }
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise AssertionError(
            f"a circle: {circle}; move what the first needs of the last into a module of its own"
        ) from None
