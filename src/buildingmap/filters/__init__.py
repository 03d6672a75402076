"""The one filter: read from a URL, a form or a terminal; applied to columns; written back as a URL."""

from buildingmap.filters.filter import LARGEST_LIMIT, Filter, Tidy
from buildingmap.filters.parameters import PARAMETERS, FilterError, Parameter, ParameterFault
from buildingmap.filters.parse import parse_filter, query_string
from buildingmap.filters.select import Selection, select

__all__ = [
    "LARGEST_LIMIT",
    "PARAMETERS",
    "Filter",
    "FilterError",
    "Parameter",
    "ParameterFault",
    "Selection",
    "Tidy",
    "parse_filter",
    "query_string",
    "select",
]
