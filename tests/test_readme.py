"""The README's commands on single messages run as they stand there."""

import shlex

import pytest
from typer.testing import CliRunner

from agent.cli import app
from tests.conftest import ROOT

COMMANDS = [
    shlex.split(line)
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith(("sensorscribe extract ", "sensorscribe explain "))
]
assert COMMANDS, "no commands: the README or the pattern is broken"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[1:3]))
def test_command_of_the_readme_runs(command):
    """It ends well and shows at least one reading."""
    result = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, command[1:])
    assert result.exit_code == 0, result.output
    assert "temperature" in result.output
