"""How many cases a property draws: a few, always the same; PERINAT_EXAMPLES=200 draws that many, at random.

The seed is printed and stands in PERINAT_SEED, to draw the same cases again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, seed, settings

EXAMPLES, SEED = "PERINAT_EXAMPLES", "PERINAT_SEED"
FEW = 8


def effort(asked: str) -> settings:
    """`asked`: a number of random examples; empty: a few, the same each time."""
    return settings(
        max_examples=int(asked) if asked else FEW,
        phases=[Phase.generate],  # a case of some hundred values takes minutes to shrink
        deadline=None,
        derandomize=not asked,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


DRAWN = effort(os.environ.get(EXAMPLES, ""))


def drawn(property_: Callable[[], None]) -> None:
    """Run a property; when its cases are random, from a seed that is said."""
    if not DRAWN.derandomize:
        number = int(os.environ.get(SEED, "") or random.SystemRandom().randrange(2**32))
        print(f"{SEED}={number}")
        property_ = seed(number)(property_)
    property_()
