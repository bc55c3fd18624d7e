"""The whole chain in small: teacher, pruning, student, export, the agent reads a message, a site goes on."""

import json
from itertools import islice
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.decode import decode
from agent.errors import DataError, FatalError
from agent.slm.manifest import load_manifest
from agent.slm.session import Reader as Artifact
from models.commands import app
from models.data.generate import messages
from models.export import largest_difference
from models.restore import restore

from piped import run  # isort: skip

CONFIG = str(Path(__file__).resolve().parents[2] / "models" / "configs" / "tiny.toml")
CACHE = Path.home() / ".cache" / "sensorscribe"


pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    """A model trained by the tiny config for a few steps, exported."""
    folder = tmp_path_factory.mktemp("chain")
    run("models.finetune", CONFIG, "--run", str(folder / "run"), "--cache", str(CACHE))
    run("models.export", str(folder / "run"), "--out", str(folder / "model"), "--calibration", "8")
    return folder / "model"


@pytest.fixture(scope="module")
def student(artifact):
    """A student half the size: pruned by OBD from the tiny model and taught by it, export."""
    folder = artifact.parent
    run("models.prune", str(folder / "run"), "--keep", "0.5", "--prompts", "8", "--out", str(folder / "pruned"))
    made = ("--start", str(folder / "pruned"), "--teacher", str(folder / "run"), "--run", str(folder / "student"))
    run("models.finetune", CONFIG, *made)
    with pytest.raises(DataError, match="give --start"):
        run("models.finetune", CONFIG, *made[2:])
    run("models.export", str(folder / "student"), "--out", str(folder / "small"), "--calibration", "8")
    return folder / "small"


def test_pruned_and_taught_student_is_smaller_and_reads(artifact, student):
    """Half of the layer's parameters are gone from the file, and the agent loads it."""
    assert (student / "reader.bin").stat().st_size < (artifact / "reader.bin").stat().st_size - 1_000_000
    document = decode(b'{"temperature": 21.5, "unit": "C"}', "a/b")
    assert len(Artifact(student).read(document, "a/b")) == len(document.candidates)


def test_restored_artifact_says_what_the_artifact_says(student):
    """The reader taken back out of the int4 file gives its probabilities, but for the int8 activations."""
    reader, _ = restore(student)
    assert largest_difference(reader.eval(), student / "reader.onnx") < 0.05


@pytest.fixture
def corrected(tmp_path):
    """A site's corrections: what a boiler of its own calls things."""
    payload = '{"vl_ist": 61.5, "rl_ist": 43.0}'
    reading = {"quantity": "temperature", "unit": "Cel"}
    readings = [
        {"name": "vl_ist", "literal": "61.5", "start": 11, **reading},
        {"name": "rl_ist", "literal": "43.0", "start": 27, **reading},
    ]
    record = {"id": "site/1", "topic": "boiler/1", "payload": payload, "format": "json", "readings": readings, "device": None, "time": None}
    path = tmp_path / "corrections.jsonl"
    path.write_text(json.dumps(record) + "\n")
    return path


def test_a_site_goes_on_from_the_model_and_gets_a_new_version(student, corrected, tmp_path):
    """``sensorscribe-train site`` writes a model that the agent loads, under the next version's name."""
    result = CliRunner().invoke(app, ["site", str(corrected), "--model", str(student), "--out", str(tmp_path / "new"), "--steps", "3"])
    assert result.exit_code == 0, result.output
    assert Artifact(tmp_path / "new").name == "scribe-0.7+site.1"
    again = CliRunner().invoke(app, ["site", str(corrected), "--model", str(student), "--out", str(tmp_path / "new"), "--steps", "3"])
    assert again.exit_code == 1
    assert "name a new folder" in again.output


def test_a_site_model_that_forgot_too_much_is_not_kept(student, corrected, tmp_path, monkeypatch):
    """A general score that fell by more than half a point: exit code 3, nothing written, and what to do."""
    figures = iter([0.800, 0.794, 0.1, 0.9])
    monkeypatch.setattr("models.site.f1", lambda *_: next(figures))
    result = CliRunner().invoke(app, ["site", str(corrected), "--model", str(student), "--out", str(tmp_path / "new"), "--steps", "1"])
    assert result.exit_code == 3
    assert "fewer --steps" in result.output
    assert not (tmp_path / "new").exists()


def test_chain_ends_in_a_model_that_the_agent_loads(artifact):
    """Every candidate gets a label, whatever the quality of six steps."""
    document = decode(b'{"temperature": 21.5, "unit": "C"}', "a/b")
    labels = Artifact(artifact).read(document, "a/b")
    assert len(labels) == len(document.candidates)


def test_training_goes_on_from_its_checkpoint(artifact):
    """A second start of a finished run trains nothing more and ends well."""
    done = run("models.finetune", CONFIG, "--run", str(artifact.parent / "run"), "--cache", str(CACHE))
    assert json.loads(done.splitlines()[0])["from_step"] == 6


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


def test_learning_curve_has_a_point_a_value_and_goes_on_where_it_ended(tmp_path):
    """Layers and kinds, each trained for a few steps; a second call adds nothing."""
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(record) + "\n" for record in islice(messages(3), 6)))
    results = tmp_path / "curve.jsonl"
    for curve, value in (("kinds", "20"), ("steps", "2"), ("steps", "2")):
        run("models.curves", curve, CONFIG, str(gold), "--run", str(tmp_path), "--results", str(results), "--values", value)
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    assert [(row["curve"], row["value"]) for row in rows] == [("kinds", 20), ("steps", 2)]
    assert all(row["messages"] > 0 and row["invented"] == 0 for row in rows)


def test_pruned_reader_is_trained_on_with_and_without_a_teacher(artifact, tmp_path):
    """A size has a row for the cut alone and one for each way to train on; half of the options alone is refused."""
    gold, results, reader = tmp_path / "gold.jsonl", tmp_path / "heal.jsonl", artifact.parent / "run"
    gold.write_text("".join(json.dumps(record) + "\n" for record in islice(messages(3), 6)))
    run("models.soften", str(reader), "--out", str(tmp_path / "soft"), "--prompts", "12")
    common = [
        "models.sweep",
        str(reader),
        str(gold),
        "--results",
        str(results),
        "--scores",
        "magnitude",
        "--keeps",
        "0.5",
        "--prompts",
        "4",
    ]
    run(*common, "--heal", CONFIG, "--soft", str(tmp_path / "soft"), "--runs", str(tmp_path / "runs"))
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    assert [(row["trained"], row["invented"]) for row in rows] == [("no", 0), ("labels", 0), ("labels and teacher", 0)]
    assert len({row["share"] for row in rows}) == 1
    with pytest.raises(SystemExit):
        run(*common, "--heal", CONFIG)
