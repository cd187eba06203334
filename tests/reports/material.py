"""Findings, runs and observations made by hand, for tests that need no engine.

What may live here: builders whose every argument has a plain default, and the hostile strings.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.discrepancy import KINDS, Finding, Verdict
from oracle.observation import TENSOR, Graph, Observation, Raised, Returned, TensorFacts
from oracle.program.parser import parse
from reports.records import SIDES, STATES, RunInfo

SOURCE = """\
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.mul(v0, 3.0)
v2 = v1.sum()
v2.backward()
"""

HOSTILE = (
    "<script>document.title = 'owned'</script>",
    "</script><script>document.title = 'owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "' onmouseover='document.title=1' x='",
    "</style><svg onload=\"document.title='owned'\">",
    "</pre></code><iframe src=\"javascript:document.title='owned'\"></iframe>",
    "<!-- --!> ]]> <base href='https://example.invalid/'>",
    "{{ 7 * 7 }} {% raw %} ${7 * 7} `x`",
    "javascript:document.title='owned'",
    "\u202eright to left\u2066 \u200b\ufeff \x00\x1b[31m\r\n\x7f",
    "&lt;b&gt; &amp;amp; \ud800",
)


def finding(signature: str = "value|mul|differs", **changes: Any) -> Finding:
    """A finding with plain defaults; `source` and `original` are given as text."""
    source = changes.pop("source", SOURCE)
    values: dict[str, Any] = {
        "signature": signature, "kind": "value", "op": "mul", "where": "v1", "line": 2,
        "detail": "element [0] is 3.5, reference has 3.0", "program": parse(source),
        "original": parse(changes.pop("original", source)),
    }  # fmt: skip
    return Finding(**{**values, **changes})


def run(**changes: Any) -> RunInfo:
    """A finished run."""
    values: dict[str, Any] = {
        "subject": "mine", "reference": "torch", "id": "20260101-020000-aaaaaa", "seed": 7,
        "started": "2026-01-01T02:00:00+00:00", "ended": "2026-01-01T02:00:30+00:00", "seconds": 30.0,
        "programs": 1500, "instructions": 9000, "command": "gradfuzz run --seed 7",
        "versions": {"torch": "2.13.0"}, "status": "finished", "exit_status": 1,
    }  # fmt: skip
    return RunInfo(**{**values, **changes})


def facts(value: Any, **changes: Any) -> TensorFacts:
    """A tensor of this value."""
    array = np.asarray(value, dtype=changes.pop("of", np.float32))
    return TensorFacts(array, str(array.dtype), array.shape, **changes)


def observation(engine: str = "mine", scale: float = 3.0) -> Observation:
    """What an engine does with SOURCE that multiplies by `scale`."""
    result = {"requires_grad": True, "is_leaf": False}
    tensors = {
        "v0": facts([1.0, 2.0], requires_grad=True, grad=np.float32([scale, scale]), grad_dtype="float32"),
        "v1": facts([scale, 2 * scale], **result, grad_fn="MulBackward0", grad_node=0),
        "v2": facts(3 * scale, **result, grad_fn="SumBackward0", grad_node=1),
    }  # fmt: skip
    outcomes = [Returned(TENSOR), Returned(TENSOR), Returned(TENSOR), Returned(None)]
    return Observation(engine, outcomes, tensors, graph(), module=engine)


def graph() -> Graph:
    """The graph of SOURCE."""
    return Graph(
        ("MulBackward0", "SumBackward0", "AccumulateGrad"),
        (((2, 0), (None, 0)), ((0, 0),), ()),
        (None, None, "v0"),
    )


def hostile_finding(number: int, words: str) -> Finding:
    """A finding with `words` wherever a program, an engine or a person could have put them."""
    source = f"v0 = T.tensor([1.0])\nv1 = v0.mul({words!r})\nprint(v1)\n"
    ours, theirs = observation(words), observation("torch")
    ours.tensors["v1"].grad_fn = words
    ours.outcomes[1] = Raised(words, words)
    ours.outcomes[2] = Returned((words, np.float32([1.0])))
    ours.warnings = ((0, words, words),)
    ours.prints = ((2, words),)
    ours.graph = Graph((words, words), (((1, 0), (None, 0)), ()), (None, words))
    return finding(
        f"hostile|{number}|{words}", kind=words, op=words, where=words, detail=words, source=source,
        verdict=Verdict("subject", (words, words)), subject=ours, reference=theirs,
        state="new", first_seen=words, last_seen=words, flaky=True, line=2,
        extra={"accepted": True, "reason": words},
    )  # fmt: skip


def many(count: int) -> list[Finding]:
    """`count` findings, of all kinds, states and sides, with observations."""
    kinds, ops = sorted(KINDS), ("mul", "add", "unbind", "sum", "matmul", "view", "sqrt", "index_put_")
    ours, theirs = observation(scale=3.5), observation("torch")
    return [
        finding(
            f"{kinds[number % len(kinds)]}|{ops[number % len(ops)]}|case {number}",
            kind=kinds[number % len(kinds)], op=ops[number % len(ops)], count=number + 1,
            state=STATES[number % len(STATES)], verdict=Verdict(SIDES[number % 3], ("shown by hand",)),
            detail=f"element [0] is {3.5 + number}, reference has 3.0", subject=ours, reference=theirs,
            first_seen=f"2026-01-{1 + number % 28:02}T02:00:00+00:00", last_seen="2026-02-01T02:00:00+00:00",
        )
        for number in range(count)
    ]  # fmt: skip
