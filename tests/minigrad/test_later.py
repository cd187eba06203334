"""What is imported later: names of families that nobody has asked for yet behave like all others.

What may live here: the table of families held against what they publish, in a process where nothing was loaded.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

import minigrad
from minigrad.families import FAMILIES

PUBLISHED = """
import json, pkgutil, sys
import minigrad
from minigrad import later, registry

seen = {}
original = registry.publish

def noted(name, fn, *, method=True, function=True):
    frame = sys._getframe()
    while not (frame.f_code.co_name == "<module>" and frame.f_globals["__name__"].startswith("minigrad.")):
        frame = frame.f_back
    names = seen.setdefault(frame.f_globals["__name__"].rpartition(".")[2], [])
    names += ["." + name] * method + [":" + name] * function
    original(name, fn, method=method, function=function)

for module in list(sys.modules.values()):
    if getattr(module, "publish", None) is original:
        module.publish = noted
later.everything()
for module in pkgutil.iter_modules(minigrad.ops.__path__):
    later.family(module.name)
left = [name for name, value in vars(minigrad.Tensor).items() if isinstance(value, later.Method)]
print(json.dumps({"families": seen, "left": left}))
"""


def answer(code: str) -> str:
    """What a fresh process prints last."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_the_table_names_what_each_family_publishes():
    found = json.loads(answer(PUBLISHED))
    assert found["left"] == []
    for family, names in FAMILIES.items():
        listed = {mark + word for word in names.split() if word[0] not in ".:@" for mark in ".:"}
        listed |= {word for word in names.split() if word[0] in ".:@"}
        published = set(found["families"].get(family, []))
        assert published <= listed, f"put these into the entry of {family} in minigrad/families.py"
        by_hand = {word for word in listed if word.startswith((".__", "@")) or word.endswith("LinAlgError")}
        assert listed - published <= by_hand, f"{family} publishes no such names"
    unlisted = found["families"].keys() - FAMILIES.keys()
    assert not unlisted, "families that are imported later need an entry in minigrad/families.py"


EXPRESSIONS = [
    "T.linalg.inv(T.eye(2)).sum().item()",
    "T.eye(2).det().item()",
    "abs(T.tensor(-2.0)).item()",
    "[f(T.tensor(7), 2).item() for f in map(__import__('operator').__dict__.get, ('pow', 'mod', 'truediv'))]",
    "setattr(z := T.tensor([1.0 + 2.0j]), 'imag', T.tensor([5.0])) or z.tolist()",
    "hasattr(T.Tensor, 'softmax') and not hasattr(T.Tensor, 'softmaxx')",
    "'cholesky' in dir(T.linalg) and 'relu' in dir(T) and 'relu' in dir(T.Tensor)",
    "T.Tensor.cumsum is T.tensor(1.0).__class__.cumsum",
    "T.autograd.functional.jacobian(T.sin, T.tensor(0.0)).item()",
    "__import__(T.__name__ + '.nn.functional').nn.functional.relu(T.tensor(-1.0)).item()",
    "type('Mine', (T.Tensor,), {}).softmax is T.Tensor.softmax",
    "T.testing.assert_close(T.tensor(1.0), T.tensor(1.0))",
]


def test_what_was_not_imported_yet_answers_like_torch():
    code = f"import minigrad as T\nprint([repr(eval(one)) for one in {EXPRESSIONS!r}])"
    assert answer(code) == str([repr(eval(one, {"T": torch})) for one in EXPRESSIONS])


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'minigrad' has no attribute 'softmaxx'"):
        _ = minigrad.softmaxx
    with pytest.raises(AttributeError, match=r"module 'minigrad\.linalg' has no attribute 'invv'"):
        _ = minigrad.linalg.invv
