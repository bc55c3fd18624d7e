"""Reads ``manifest.json`` beside a model and refuses a model that does not fit this agent.

A wrong digest, label set or prompt version would not fail later: it would give wrong readings. So it fails at start.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import FatalError
from agent.slm.prompt import PROMPT_VERSION

MANIFEST_VERSION = 2
WEIGHTS = "reader.bin"
NEEDED_FILES = ("reader.onnx", "reader-int8.onnx", WEIGHTS, "tokenizer.json")


WRITER_FILES = ("writer.onnx", "writer.bin", "tokenizer.json", "grammar.json")


class FileEntry(BaseModel):
    """A file of the model: its digest and size."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    bytes: int


class MatrixEntry(BaseModel):
    """Where a matrix in blocks lies in ``reader.bin``: codes (rows, inputs * bits / 8) bytes, float32 scales (rows, inputs / 32)."""

    model_config = ConfigDict(frozen=True)

    rows: int
    inputs: int
    bits: Literal[4, 8]
    offset: int
    scales_offset: int


class Manifest(BaseModel):
    """What a model folder says of itself; keys that this agent does not know are left alone."""

    model_config = ConfigDict(frozen=True, extra="allow")

    manifest_version: Literal[2]
    model: str
    files: dict[str, FileEntry]


M = TypeVar("M", bound=Manifest)


class ReaderManifest(Manifest):
    """What the folder of a reader says."""

    prompt_version: int
    max_tokens: int
    labels_sha256: str
    confidence_exponent: float
    matrices: dict[str, MatrixEntry]

    @property
    def digest(self) -> str:
        """What templates are tied to: half of a SHA-256 over the digests of the files that a reading depends on."""
        text = "".join(self.files[name].sha256 for name in ("reader.onnx", WEIGHTS, "tokenizer.json"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class WriterManifest(Manifest):
    """What the folder of a writer says."""

    brief_version: int


def labels_digest() -> str:
    """SHA-256 over the names of quantities and units in their order: the meaning of the model's outputs."""
    text = "\n".join([*quantities(), "", *codes()])
    return hashlib.sha256(text.encode()).hexdigest()


def default_model_folder(name: Literal["reader", "writer"] = "reader") -> Path:
    """The model that came with this installation: in the wheel, or in the source tree."""
    package = Path(__file__).resolve().parents[1] / "model" / name
    return package if package.is_dir() else Path(__file__).resolve().parents[2] / "models" / name


def load_manifest(folder: Path) -> ReaderManifest:
    """The manifest of a reader whose files are verified. Raises ``FatalError`` that says what to do."""
    manifest = _load(folder, ReaderManifest, NEEDED_FILES, "model.folder")
    if manifest.prompt_version != PROMPT_VERSION:
        raise FatalError(
            f"the model in {folder} was trained with prompt version {manifest.prompt_version}, this agent writes version"
            f" {PROMPT_VERSION}: install the model that came with this version"
        )
    if manifest.labels_sha256 != labels_digest():
        raise FatalError(
            f"the model in {folder} was trained with other quantities or units than this agent has: install the model that"
            " came with this version"
        )
    return manifest


def load_writer_manifest(folder: Path, brief_version: int) -> WriterManifest:
    """The manifest of a writer whose files are verified. Raises ``FatalError`` that says what to do."""
    manifest = _load(folder, WriterManifest, WRITER_FILES, "summaries.writer_folder")
    if manifest.brief_version != brief_version:
        raise FatalError(
            f"the writer in {folder} was trained with brief version {manifest.brief_version}, this agent has version {brief_version}:"
            " install the model that came with this version"
        )
    return manifest


def _load(folder: Path, kind: type[M], needed: Sequence[str], setting: str) -> M:
    path = folder / "manifest.json"
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        manifest = kind.model_validate(content)
    except FileNotFoundError as error:
        raise FatalError(f"no model in {folder}: manifest.json is missing; set {setting} or install sensorscribe again") from error
    except OSError as error:
        raise FatalError(f"{path} cannot be read ({error.strerror}): correct {setting} or its permissions") from error
    except ValueError as error:  # no UTF-8, no JSON, or not what a manifest holds
        raise FatalError(f"{path} is no manifest of this agent: {error}; install the model that came with this version") from error
    if missing := [name for name in needed if name not in manifest.files]:
        raise FatalError(f"{path} does not list {' and '.join(missing)}: install the model that came with this version")
    for name, entry in manifest.files.items():
        _verify(folder / name, entry)
    return manifest


def _verify(path: Path, entry: FileEntry) -> None:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise FatalError(f"{path} of the model cannot be read ({error.strerror}): install the model again") from error
    if digest != entry.sha256:
        raise FatalError(
            f"{path} is not the file of its manifest (SHA-256 {digest[:12]}…, expected {entry.sha256[:12]}…): install the model again"
        )
