"""Commands of the pipeline, run to their end in this process."""

import contextlib
import importlib
import io
import sys

import pytest


def run(module, *arguments):
    """A command: what it prints."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setattr(sys, "argv", [module, *arguments])
        assert importlib.import_module(module).main() == 0
    return out.getvalue()
