"""A model folder that cannot be used refuses the start with what to do, whatever is wrong with it."""

import json

import pytest

from agent.errors import FatalError
from agent.slm.manifest import labels_digest, load_manifest
from agent.slm.prompt import PROMPT_VERSION

GOOD = {
    "manifest_version": 1, "model": "m", "prompt_version": PROMPT_VERSION, "max_tokens": 448, "labels_sha256": labels_digest(),
    "confidence_exponent": 1.0, "files": {},
}  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{}", b'{"manifest_version": 2}', json.dumps(GOOD).encode()])
def test_manifest_that_is_none_is_refused(tmp_path, content):
    """No text, no JSON, another version, or no entry for the model itself: install the right one."""
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(FatalError, match="install the model that came with this version"):
        load_manifest(tmp_path)


def test_manifest_that_cannot_be_read_is_named(tmp_path):
    """A folder in its place, or one that must not be entered, is told with the setting."""
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(FatalError, match=r"manifest\.json cannot be read .* model\.folder"):
        load_manifest(tmp_path)
