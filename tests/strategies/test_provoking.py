"""Programs that are made to be refused: sentences of the language, run to their end, and what they go through.

What may live here: the streams of `strategies.provoking`, and the mistakes that they are made of.
"""

from __future__ import annotations

from itertools import islice

import pytest

from oracle.program.parser import parse
from oracle.program.validity import violations
from strategies import grammar
from strategies.prohibitions import RULES
from strategies.provoking import batched_queries, broken_rules, spoilt_calls
from strategies.refused_lines import LINES
from strategies.refused_texts import OTHERS, TEXTS
from tests.strategies.running import Run

LANGUAGE = grammar()
NAMES = ("mul", "cat", "select", "copy_", "nn.functional.pad")


@pytest.mark.parametrize("name", NAMES)
def test_spoilt_calls_are_sentences_and_run_to_their_end(name: str) -> None:
    for program in islice(spoilt_calls((name,), LANGUAGE, 1), 25):
        assert list(violations(program)) == []
        assert parse(program.source) == program
        assert Run(program).stopped is None, program.source


def test_most_spoilt_calls_are_refused_and_in_many_ways() -> None:
    runs = [Run(program) for program in islice(spoilt_calls(("mul", "sum"), LANGUAGE, 2), 60)]
    messages = {str(error) for run in runs for _, error in run.caught}
    assert len(messages) > 40


def test_gradients_are_asked_for_in_batches_of_whatever_has_some() -> None:
    programs = list(islice(batched_queries(("mul", "sum", "argmax"), LANGUAGE, 1), 20))
    assert all(list(violations(program)) == [] for program in programs)
    assert all("is_grads_batched=True" in program.source for program in programs)
    assert not any("argmax" in program.source for program in programs)


def test_every_rule_is_broken_in_turn() -> None:
    programs = list(islice(broken_rules(LANGUAGE, 1), len(RULES) + len(OTHERS) + len(LINES)))
    texts = [program.source for program in programs]
    assert len(set(texts)) > 0.9 * len(RULES)
    assert all(any(text.splitlines()[-1].strip() in whole for whole in texts) for text in ("T.set_grad_enabled('x')",))


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_a_rule_reads_as_it_is_written(name: str) -> None:
    assert list(violations(parse(TEXTS[name]))) == []
