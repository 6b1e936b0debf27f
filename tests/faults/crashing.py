"""`python -m tests.faults.crashing SERVICE [SIGNAL STEP WHEN CALL]`: a service with bad luck.

The real service, except that it sends itself a signal at one moment of its life: at the given call
of one of its collaborators, before the call, within it (a part of the work is done) or after it.
"""

from __future__ import annotations

import os
import sys

from services.__main__ import main
from tests.faults.moments import SESSION, Moment, shorten_session

if __name__ == "__main__":
    if os.environ.get(SESSION):
        shorten_session(int(os.environ[SESSION]))
    if len(sys.argv) > 2:
        name, step, when, call = sys.argv[2:]
        Moment(name, step, when, int(call)).arm()
    sys.exit(main(sys.argv[1:2]))
