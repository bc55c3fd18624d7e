"""Deployment is tested like code: the unit, the installer, the sample configuration, the broker's configuration."""

import os
import re
import shutil
import socket
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.config import Config, parse_config
from agent.slm.manifest import default_model_folder
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
INSTALL = DEPLOY / "install.sh"
SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])

FAKE_PYTHON = """#!/bin/sh
case "$1 $2" in
  "-c import sys; sys.exit"*) exit 0 ;;
  "-c "*) exit 0 ;;
  "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python"
             printf '#!/bin/sh\\n[ ! -e "%s/refuse-$1" ]\\n' "$(dirname "$0")" > "$3/bin/sensorscribe"; chmod +x "$3/bin/sensorscribe" ;;
  "-m pip") [ "$PIP_FAILS" != 1 ] ;;
  *) exit 9 ;;
esac
"""
"""Stands in for an interpreter: makes a folder where the real one makes an environment. ``refuse-NAME`` beside it fails that command."""


def needed(name: str) -> str:
    """The path of a system program; the test is skipped where it is missing."""
    path = shutil.which(name, path=SYSTEM_PATH)
    if path is None:
        pytest.skip(f"no {name} here: deploy/system-packages.sh installs it")
    return path


@pytest.fixture
def python(tmp_path):
    """A fake interpreter."""
    path = tmp_path / "python"
    path.write_text(FAKE_PYTHON)
    path.chmod(0o755)
    return path


@pytest.fixture
def install(tmp_path, python):
    """The installer, working below a prefix with the fake interpreter."""

    def call(*options, **environment):
        command = ["bash", str(INSTALL), "--prefix", str(tmp_path / "root"), "--python", str(python), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60)

    return call


def test_unit_is_valid(tmp_path):
    """Systemd finds nothing to complain about in the unit and the drop-in."""
    analyze = needed("systemd-analyze")
    executable = shutil.which("true")
    text = (DEPLOY / "sensorscribe.service").read_text().replace("/opt/sensorscribe/current/bin/sensorscribe", executable)
    (tmp_path / "sensorscribe.service").write_text(text)
    drop_in = tmp_path / "sensorscribe.service.d"
    drop_in.mkdir()
    shutil.copy(DEPLOY / "jetson.conf", drop_in)
    command = [analyze, "verify", "--man=no", str(tmp_path / "sensorscribe.service")]
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    complaints = [line for line in result.stderr.splitlines() if "sensorscribe" in line or "jetson" in line]
    assert complaints == []


def test_unit_is_notified_watched_restarted_and_confined():
    """The properties that operation relies on stand in the unit."""
    text = (DEPLOY / "sensorscribe.service").read_text()
    wanted = [
        "Type=notify",
        "WatchdogSec=60",
        "Restart=on-failure",
        "StateDirectory=sensorscribe",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
    ]
    lines = text.splitlines()
    assert [line for line in wanted if line not in lines] == []
    assert re.search(r"^ExecStartPre=.* check-config .*--config /etc/sensorscribe/sensorscribe.toml$", text, re.MULTILINE)
    assert re.search(r"^MemoryMax=\d+M$", text, re.MULTILINE)


def test_stopping_has_time_to_drain():
    """The service manager waits longer than the agent drains by default."""
    seconds = int(re.search(r"^TimeoutStopSec=(\d+)$", (DEPLOY / "sensorscribe.service").read_text(), re.MULTILINE)[1])
    assert seconds > Config().drain_seconds + 6


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_script_parses_and_may_be_run(script):
    """Bash reads every script, and every script is executable and stops at the first fault."""
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text()


def test_sample_configuration_is_the_generated_one():
    """The sample in the tree is what ``check-config --sample`` prints; run it into the file after changing a setting."""
    assert (DEPLOY / "sensorscribe.toml").read_text() == CliRunner().invoke(app, ["check-config", "--sample"]).stdout


def test_sample_configuration_gives_the_defaults():
    """A fresh installation runs with the defaults."""
    assert parse_config(tomllib.loads((DEPLOY / "sensorscribe.toml").read_text())) == Config()


def test_dry_run_changes_nothing(install, tmp_path):
    """What would be done is said and not done."""
    result = install("--dry-run")
    assert result.returncode == 0, result.stderr
    assert "would run: " in result.stdout
    assert "nothing was done" in result.stdout
    assert not (tmp_path / "root").exists()


def test_installing_twice_keeps_the_configuration_and_the_version_before(install, tmp_path):
    """The second run upgrades: the operator's configuration stays, and two versions are there; the third drops the first."""
    root = tmp_path / "root"
    assert install().returncode == 0
    config = root / "etc/sensorscribe/sensorscribe.toml"
    installed, sample = config.read_text().splitlines(), (DEPLOY / "sensorscribe.toml").read_text().splitlines()
    assert [line for line in installed if line not in sample] == [f'agent = "{re.sub("[^A-Za-z0-9_-]", "", os.uname().nodename)}"']
    assert parse_config(tomllib.loads(config.read_text()))
    assert (root / "usr/local/bin/sensorscribe").readlink() == root / "opt/sensorscribe/current/bin/sensorscribe"
    config.write_text('agent = "roof"\n')
    first = (root / "opt/sensorscribe/current").resolve()
    assert install().returncode == 0
    assert config.read_text() == 'agent = "roof"\n'
    assert (root / "opt/sensorscribe/previous").resolve() == first
    second = (root / "opt/sensorscribe/current").resolve()
    assert install().returncode == 0
    kept = {path.resolve() for path in (root / "opt/sensorscribe/releases").iterdir()}
    assert kept == {second, (root / "opt/sensorscribe/current").resolve()}
    assert first not in kept
    assert (root / "etc/systemd/system/sensorscribe.service").exists()
    assert (root / "etc/sensorscribe/environment").stat().st_mode & 0o777 == 0o600


def test_roll_back_brings_the_version_before(install, tmp_path):
    """Rolling back twice is where one began; without a version before it says so."""
    current = tmp_path / "root/opt/sensorscribe/current"
    assert install("--rollback").returncode == 1
    install()
    first = current.resolve()
    install()
    second = current.resolve()
    assert install("--rollback").returncode == 0
    assert current.resolve() == first
    assert install("--rollback").returncode == 0
    assert current.resolve() == second


@pytest.mark.parametrize("fault", ["pip", "check-config", "extract"])
def test_failed_upgrade_leaves_what_runs(install, tmp_path, fault):
    """Where pip fails, the configuration does not suit or the model does not load, the old version stays and nothing is left behind."""
    install()
    before = (tmp_path / "root/opt/sensorscribe/current").resolve()
    (tmp_path / f"refuse-{fault}").touch()
    result = install(PIP_FAILS="1" if fault == "pip" else "0")
    assert result.returncode == 1
    assert "untouched" in result.stderr
    assert (tmp_path / "root/opt/sensorscribe/current").resolve() == before
    assert [path.resolve() for path in (tmp_path / "root/opt/sensorscribe/releases").iterdir()] == [before]


def test_uninstall_keeps_configuration_and_state_unless_purged(install, tmp_path):
    """What the operator wrote and what is not delivered yet survives, unless told otherwise."""
    root = tmp_path / "root"
    install()
    (root / "var/lib/sensorscribe").mkdir(parents=True)
    assert install("--uninstall").returncode == 0
    assert not (root / "opt/sensorscribe").exists()
    assert not (root / "etc/systemd/system/sensorscribe.service").exists()
    assert not (root / "usr/local/bin/sensorscribe").is_symlink()
    assert (root / "etc/sensorscribe/sensorscribe.toml").exists()
    assert (root / "var/lib/sensorscribe").exists()
    assert install("--uninstall", "--purge").returncode == 0
    assert not (root / "etc/sensorscribe").exists()
    assert not (root / "var/lib/sensorscribe").exists()


@pytest.mark.parametrize("options", [["--fly"], ["--purge"], ["--source"], ["--source", ""]])
def test_wrong_options_are_told(install, options):
    """Usage faults end with 2 and the usage, before anything is touched."""
    result = install(*options)
    assert result.returncode == 2
    assert "usage:" in result.stderr


@pytest.mark.broker
def test_broker_starts_with_its_configuration(tmp_path):
    """Mosquitto takes the configuration, included by one like Debian's, and listens; only port and folders are the test's own."""
    mosquitto = needed("mosquitto")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (DEPLOY / "mosquitto.conf").read_text()
    included = tmp_path / "conf.d"
    included.mkdir()
    text = text.replace("listener 1883 127.0.0.1", f"listener {port} 127.0.0.1")
    (included / "sensorscribe.conf").write_text(f"{text}\nlog_type information\n")
    path = tmp_path / "mosquitto.conf"
    debian = ["persistence true", f"persistence_location {tmp_path}/", f"log_dest file {tmp_path}/mosquitto.log", f"include_dir {included}"]
    path.write_text("\n".join([*debian, "user root\n"]))
    with subprocess.Popen([mosquitto, "-c", str(path)], stderr=subprocess.PIPE, text=True) as broker:
        try:
            log = []
            for line in broker.stderr:
                log.append(line)
                if "running" in line:
                    break
            assert "running" in log[-1], log
            with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
                client.sendall(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02ab")  # CONNECT of MQTT 3.1.1
                assert client.recv(4) == b"\x20\x02\x00\x00"  # CONNACK: accepted
        finally:
            broker.kill()  # a SIGTERM right after the start is lost by some versions


def test_runbook_names_every_command_and_alarm():
    """The operator's page knows each MQTT command, and each quarantine and drop reason that the agent can tell."""
    from typing import get_args

    from agent.control.command import COMMANDS
    from agent.pipeline import Reason
    from agent.telemetry.events import MessagesDropped

    text = (DEPLOY / "RUNBOOK.md").read_text()
    reasons = [*get_args(Reason), *get_args(MessagesDropped.__annotations__["reason"])]
    assert reasons
    assert [name for name in [*COMMANDS, *reasons] if f"`{name}`" not in text] == []


def test_model_comes_along():
    """Wheel and source archive carry the models to where the agent looks for it."""
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]
    assert targets["wheel"]["force-include"] == {f"models/{name}": f"agent/model/{name}" for name in ("reader", "writer")}
    assert targets["wheel"]["exclude"] == ["models/reader", "models/writer"]
    assert "models" in targets["sdist"]["include"]
    assert default_model_folder() in (ROOT / "agent/model/reader", ROOT / "models/reader")
    assert default_model_folder("writer") in (ROOT / "agent/model/writer", ROOT / "models/writer")


def test_files_named_by_the_unit_and_the_installer_exist():
    """What the installer copies stands in the tree."""
    names = re.findall(r"\$here/([\w.-]+)", INSTALL.read_text())
    assert names
    assert [name for name in names if not Path(DEPLOY / name).exists()] == []
