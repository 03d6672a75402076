"""The tests of buildingmap, one folder per room."""

from __future__ import annotations

import os

# the processes of a run share the processors already: numpy's threads in each would wait for one another. It is heard
# by numpy when it is first imported, and by the servers and commands that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
