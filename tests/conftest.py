"""What all tests share: where the model and the corpus are, and tests that need them."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "models" / "reader"
CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The shipped artifact."""
    return MODEL


@pytest.fixture(scope="session")
def corpus_folder() -> Path:
    """The labelled corpus beside the project; tests that need it are skipped where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside the project (../shared/corpus)")
    return CORPUS
