"""The whole chain in small: train, export, load in the agent, read a message."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.decode import decode
from agent.errors import FatalError
from agent.slm.manifest import load_manifest
from agent.slm.session import Reader as Artifact

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path.home() / ".cache" / "sensorscribe"


def run(*arguments):
    """A command of the pipeline, to its end."""
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    """A model trained by the tiny config for a few steps, exported."""
    folder = tmp_path_factory.mktemp("chain")
    run("models.finetune", "models/configs/tiny.toml", "--run", str(folder / "run"), "--cache", str(CACHE))
    run("models.export", str(folder / "run"), "--out", str(folder / "model"))
    return folder / "model"


def test_chain_ends_in_a_model_that_the_agent_loads(artifact):
    """Every candidate gets a label, whatever the quality of six steps."""
    document = decode(b'{"temperature": 21.5, "unit": "C"}', "a/b")
    labels = Artifact(artifact).read(document, "a/b")
    assert len(labels) == len(document.candidates)


def test_training_goes_on_from_its_checkpoint(artifact):
    """A second start of a finished run trains nothing more and ends well."""
    done = run("models.finetune", "models/configs/tiny.toml", "--run", str(artifact.parent / "run"), "--cache", str(CACHE))
    assert json.loads(done.stdout.splitlines()[0])["from_step"] == 6


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m.update(prompt_version=99), "prompt version 99"),
        (lambda m: m.update(labels_sha256="0" * 64), "other quantities or units"),
        (lambda m: m["files"]["reader.onnx"].update(sha256="0" * 64), "not the file of its manifest"),
        (lambda m: m["files"].update({"gone.bin": {"sha256": "0", "bytes": 1}}), "install the model again"),
        (lambda m: m.pop("files"), "is no manifest"),
    ],
)
def test_model_that_does_not_fit_is_refused(artifact, tmp_path, change, told):
    """A wrong digest, label set or prompt version refuses to start and says what to do."""
    for path in artifact.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    change(manifest)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(FatalError, match=told) as error:
        load_manifest(tmp_path)
    assert "install" in str(error.value)


def test_folder_without_a_model_is_refused(tmp_path):
    """The message names the setting to change."""
    with pytest.raises(FatalError, match=r"set model\.folder"):
        load_manifest(tmp_path)
