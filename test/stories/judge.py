# SPDX-License-Identifier: Apache-2.0
"""What a story that goes on after a fault found, told at once and counted at the end."""
import os
import random
import sys

faults = []


def check(truth, what):
    if not truth:
        faults.append(what)
        print(f"FAIL  {what}", flush=True)


def any_seed():
    """Another each time; that of the tree ($DINH_SEED) in ./dev test, which one tree passes or
    doesn't: what another seed finds is found by the next commit, or by --deep."""
    return int(os.environ.get("DINH_SEED") or random.SystemRandom().getrandbits(32))


def verdict():
    """Ends the story: 0 when nothing was wrong."""
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)
