"""The one filter: read from a URL, a form or a terminal; applied to columns; written back as a URL."""

from buildingmap.filters.filter import LARGEST_LIMIT, Filter, Tidy
from buildingmap.filters.parameters import (
    OFFICE_LISTS,
    PARAMETERS,
    FilterError,
    Parameter,
    ParameterFault,
    unknown_parameter,
)
from buildingmap.filters.parse import parse_filter, query_string
from buildingmap.filters.select import Selection, select
from buildingmap.filters.wishes import WISHES, Wishes, parse_wishes

__all__ = [
    "LARGEST_LIMIT",
    "OFFICE_LISTS",
    "PARAMETERS",
    "WISHES",
    "Filter",
    "FilterError",
    "Parameter",
    "ParameterFault",
    "Selection",
    "Tidy",
    "Wishes",
    "parse_filter",
    "parse_wishes",
    "query_string",
    "select",
    "unknown_parameter",
]
