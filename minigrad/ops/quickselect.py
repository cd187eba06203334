"""Selecting the k-th smallest as torch's CPU kernels do, so that of equal elements the same one is named.

What may live here: selection over lists of positions. `nth_element` follows the scheme of the C++ standard
library that torch is built with (median of three, insertion sort of what is left), `kth` torch's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Less = Callable[[int, int], bool]


def nth_element(order: list[int], k: int, less: Less) -> None:
    """Rearranges `order` so that what a sort would put at k is there, nothing greater before it."""
    first, last = 0, len(order)
    while last - first > 3:
        cut = _partition(order, first, last, less)
        first, last = (cut, last) if cut <= k else (first, cut)
    insertion_sort(order, first, last, less)


def introsort(order: list[int], first: int, last: int, less: Less) -> None:
    """Sorts order[first:last] as the standard library's unstable sort does: long stretches are parted first."""
    ends = [last]
    start = first
    while ends:
        end = ends[-1]
        if end - start > SHORT:
            ends.append(_partition(order, start, end, less))
        else:
            start = ends.pop()
    insertion_sort(order, first, min(first + SHORT, last), less)
    for i in range(first + SHORT, last):  # nothing that is less lies before where parting has left it
        moving, j = order[i], i
        while less(moving, order[j - 1]):
            order[j] = order[j - 1]
            j -= 1
        order[j] = moving


SHORT = 16
"""Elements up to which the standard library only inserts."""


def _partition(order: list[int], first: int, last: int, less: Less) -> int:
    a, b, c = first + 1, first + (last - first) // 2, last - 1
    x, y, z = order[a], order[b], order[c]
    if less(x, y):
        middle = b if less(y, z) else c if less(x, z) else a
    else:
        middle = a if less(x, z) else c if less(y, z) else b
    order[first], order[middle] = order[middle], order[first]
    pivot = order[first]
    i, j = first + 1, last
    while True:
        while less(order[i], pivot):
            i += 1
        j -= 1
        while less(pivot, order[j]):
            j -= 1
        if i >= j:
            return i
        order[i], order[j] = order[j], order[i]
        i += 1


def insertion_sort(order: list[int], first: int, last: int, less: Less) -> None:
    """Sorts order[first:last]; equal elements keep their order."""
    for i in range(first + 1, last):
        moving = order[i]
        if less(moving, order[first]):  # asked first, which matters where NaN stands between
            order[first : i + 1] = [moving, *order[first:i]]
            continue
        j = i
        while j > first and less(moving, order[j - 1]):
            order[j] = order[j - 1]
            j -= 1
        order[j] = moving


def kth(values: Any, k: int) -> int:
    """The position of the k-th smallest (from 0) of a list of numbers, NaN being the greatest."""
    order = list(range(len(values)))

    def greater(i: int, j: int) -> bool:
        a, b = values[i], values[j]
        return bool(a > b or (a != a and b == b))

    def swap(i: int, j: int) -> None:
        order[i], order[j] = order[j], order[i]

    low, high = 0, len(order) - 1
    while low < high:
        if high == low + 1:
            if greater(order[low], order[high]):
                swap(low, high)
            break
        swap(low + (high - low) // 2, low + 1)
        if greater(order[low + 1], order[high]):
            swap(low + 1, high)
        if greater(order[low], order[high]):
            swap(low, high)
        if greater(order[low + 1], order[low]):
            swap(low + 1, low)
        i, j, pivot = low + 1, high, order[low]
        while True:
            i += 1
            while greater(pivot, order[i]):
                i += 1
            j -= 1
            while greater(order[j], pivot):
                j -= 1
            if j < i:
                break
            swap(i, j)
        swap(low, j)
        if j <= k:
            low = i
        if j >= k:
            high = j - 1
    return order[k]
