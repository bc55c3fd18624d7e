"""What all tests share: where the model and the corpus are, and tests that need them."""

import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis  # noqa: F401  (loaded at once: CPython 3.11 may fail to compile it where its plugin loads it, at the very end)
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


@pytest.fixture(scope="session", autouse=True)
def sigint_is_heard() -> Iterator[None]:
    """Processes that tests start hear SIGINT, though the suite itself runs in the background of a shell, which ignores it."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
