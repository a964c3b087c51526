"""Stands in for packages that Home Assistant imports and that its schemas do not use, so that they need not be installed."""

import importlib.abc
import importlib.machinery
import sys
from unittest.mock import MagicMock


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last: only what is not installed is replaced, and never a module of Home Assistant or its schema library."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in ("homeassistant", "voluptuous"):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__ = []
        module.__spec__ = spec
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(StandIn())

from homeassistant.helpers import frame  # noqa: E402

# A template is checked without a running Home Assistant, which this would report there.
frame.report_usage = lambda *args, **more: None
