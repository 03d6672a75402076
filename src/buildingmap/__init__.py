"""A registry and geospatial map of commercial buildings for a city district.

Rooms, from the files to the reader; each imports only from those before it:
``errors`` and ``resources``, ``model``, ``crs``, ``layers``, ``registry``, ``snapshot``, ``filters``,
``analysis``, ``map``, ``web``, ``cli``.
"""

from importlib.metadata import version

__version__ = version("buildingmap")
