"""A registry and geospatial map of commercial buildings for a city district.

Rooms, from the files to the reader; each imports only from those before it:
``errors`` and ``resources``, ``model``, ``crs``, ``layers``, ``registry``, ``snapshot``, ``filters``,
``analysis``, ``map``, ``web``, ``cli``.
"""

import os
from importlib.metadata import version

__version__ = version("buildingmap")

# lxml comes with the library that writes Word; openpyxl would take it in place of the parser of the standard library,
# which defusedxml guards, and whose faults the readers of workbooks know. It looks once, when it is imported.
os.environ.setdefault("OPENPYXL_LXML", "False")
