"""Every dialect there is. A file in ``dialects/`` that defines ``DIALECTS`` is one or a few; nothing else has to know of it."""

import importlib
import pkgutil
from functools import cache

import simulators.dialects
from simulators.dialect import Dialect


@cache
def dialects() -> dict[str, Dialect]:
    """The dialects by name, in the order of their names."""
    modules = sorted(module.name for module in pkgutil.iter_modules(simulators.dialects.__path__))
    found = [one for name in modules for one in importlib.import_module(f"simulators.dialects.{name}").DIALECTS]
    return {one.name: one for one in sorted(found, key=lambda one: one.name)}
