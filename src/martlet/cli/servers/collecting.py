"""How often Python looks for reference cycles in a process that serves.

It does so after 700 more objects were made than freed: those of three or four requests that wait for something. With
dozens in flight it is ever again the same living objects that are looked at. And now and then all of them are, with
whatever the app has imported and declared, while every request waits.

PERF: `bench stack-background` with `martlet-run`, `martlet-rsgi`: a sixth to a quarter less CPU a request.
"""

import gc
from typing import Final

# Objects more made than freed, between two looks at the young ones: of some thirty requests.
SELDOM: Final = 5000
# What Python begins with.
_USUAL: Final = gc.get_threshold()


def collect_seldom() -> None:
    """Look for cycles seldom, and among what is there now not at all.

    An app that has chosen thresholds of its own, or has no cycles looked for, keeps them.
    """
    if gc.get_threshold() != _USUAL or not _USUAL[0] or not gc.isenabled():
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(max(SELDOM, _USUAL[0]), *_USUAL[1:])
