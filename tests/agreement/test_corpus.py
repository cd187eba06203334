"""Conformance: every program of the corpus gives on the subject what it gives on the reference.

What may live here: running tests/corpus. Expected values are never typed; the reference supplies them.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oracle.check import require_agreement
from oracle.engines.base import Engine
from oracle.engines.torch_like import TorchLikeEngine
from oracle.observation import TANGENT, Raised
from oracle.program import Program, parse

CORPUS = sorted((Path(__file__).parent.parent / "corpus").glob("*.py"))


def _program(path: Path) -> Program:
    return parse(path.read_text())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_subject_agrees_with_the_reference(path: Path, subject: Engine, reference: Engine) -> None:
    program = _program(path)
    for engine in (subject, reference):
        reason = engine.supports(program)
        if reason is not None:
            pytest.skip(f"{engine.name}: {reason}")
    require_agreement(program, subject, reference)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_file_is_canonical_text(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert lines == [line for line in _program(path).source.splitlines() if line]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_file_says_first_what_it_shows(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(".")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_interpreter_does_what_plain_python_does(path: Path, reference: Engine) -> None:
    """The same text under exec: same prints, same uncaught exception, same tensors at the end."""
    if not isinstance(reference, TorchLikeEngine):
        pytest.skip(f"{reference.name} is no namespace that Python could run the text over")
    program = _program(path)
    observed = reference.run(program)
    names: dict[str, Any] = {"T": reference.namespace, "__name__": "program"}
    shown = io.StringIO()
    raised = None
    with contextlib.redirect_stdout(shown), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            builtins.exec(compile(program.source, path.name, "exec"), names)
        except Exception as error:
            raised = Raised(type(error).__name__, str(error))
        finally:
            reference.reset()
    caught = [index for index, one in enumerate(program.instructions) if one.caught]
    errors = {index: outcome for index, outcome in enumerate(observed.outcomes) if isinstance(outcome, Raised)}
    last = next((outcome for index, outcome in errors.items() if index not in caught), None)
    assert last == raised
    prints = {
        **dict(observed.prints),
        **{index: error.message for index, error in errors.items() if index in caught},
    }
    assert shown.getvalue() == "".join(f"{prints[index]}\n" for index in sorted(prints))
    for name, facts in observed.tensors.items():
        if TANGENT in name:
            continue  # it is gone with its level
        whole, _, place = name.removesuffix("]").partition("[")
        tensor = names[whole][int(place)] if place else names[whole]
        np.testing.assert_array_equal(reference.observer.array(tensor), facts.value, strict=True)
