"""The one look at a table's columns: what is said of them is the same whether a file is checked or imported."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.headers import folded
from buildingmap.layers.tower_notes import DERIVED
from buildingmap.layers.values import UnreadableError, is_empty, number, read_cell
from buildingmap.model.faults import Expected, Fault, Place, printable, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildingmap.layers.headers import Header

_NOWHERE: Final = Place()
_NO_FIGURE: Final = Decimal(0), Decimal(0)
# kinds of field whose figures may be rounded
_MEASURED: Final = frozenset({"money", "area", "land", "length", "number", "share", "rent"})
_LONGEST_SHOWN: Final = 60
_MONEY: Final = re.compile(
    r"税收|税额|税款|纳税|缴税|交税|入库|财政|留成|区级收入|金额|[(（][千百万亿]*元[)）]|\btax|revenue|_yuan"
)
_NO_MONEY: Final = re.compile(
    r"税号|税种|纳税人|纳税户|纳税企业|属地|(?:年份|年度)$|是否|占比|比例|[%％]|同比|增幅|增速|排名|日期|"
    # money that is nobody's tax
    r"资本|资金|投资|租金|房租|资产|物业|造价|成本|房价|单价|售价|工资|薪|营收|营业收入|产值|销售|利润|"
    r"capital|invest|rent|asset|fee|cost|price|wage|salary|sales|profit|turnover"
)
_MONEY_TITLE: Final = re.compile(r"单位\s*[:：]?\s*(?:人民币)?\s*[千百万亿]*元")
_ORDINALS: Final = frozenset({"序号", "序", "no", "no.", "#", "编号", "排名"})
# what a column of datums is called, without spaces and the like
_DATUM_HEADERS: Final = frozenset(
    {
        "coordsystem", "coordinatesystem", "coordsys", "coordinatereferencesystem", "crs", "srs", "datum", "coordtype",
        "coordinatetype", "geodatum",
        "坐标系", "坐标系统", "坐标系名称", "坐标参考系", "坐标基准", "坐标类型", "大地基准",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Headed:
    """A column as it is in hand: ``key`` finds its cells; ``reading`` None where it is not read.

    ``left``: a person said that it is not to be read, and need not be told.
    """

    key: Any
    text: str
    reading: Header | None = None
    left: bool = False


@dataclass(frozen=True, slots=True)
class InHand:
    """A table whose columns are to be looked at: its rows by their places, and how a cell of one is found.

    ``title``: the words above the header. ``top``: where the header stands.
    """

    columns: Sequence[Headed]
    rows: Sequence[tuple[Place, Any]]
    cell: Callable[[Any, Any], Any]
    title: str = ""
    top: Place = _NOWHERE


@dataclass(frozen=True, slots=True)
class Said:
    """A fault, or a note where it does not refuse, with the key of the column it is about."""

    fault: Fault
    key: Any = None
    refuses: bool = False


@dataclass(slots=True)
class Examined:
    """What was said of a table's columns. ``twins``: keys of those that only repeat another and are not read.

    ``money_unread``: the table has columns of money, and none of them is read.
    """

    said: list[Said] = field(default_factory=list)
    twins: set[Any] = field(default_factory=set)
    money_unread: bool = False


def examine(table: InHand) -> Examined:
    """Look at the columns of a table: two for one field, those that are not read, money among them."""
    result = Examined()
    _twins(table, result)
    _unread(table, result)
    return result


def _twins(table: InHand, result: Examined) -> None:
    """Two columns for one field: one is enough where they agree in every row, and a fault where they do not.

    Figures agree where one is the other written more coarsely, 1.23 亿 beside 12,345 万: the finer column is read.
    """
    read: dict[tuple[str, int | None], Headed] = {}
    for column in table.columns:
        if column.reading is None:
            continue
        of = column.reading.field, column.reading.year
        first = read.setdefault(of, column)
        if first is column:
            continue
        differing = _differing(table, first, column)
        finer, other = first, column
        if differing is None and _is_finer(table, column, than=first):
            finer, other = column, first
        read[of] = finer
        result.twins.add(other.key)
        result.said.append(differing or _agreeing(table, finer, other))


def _differing(table: InHand, first: Headed, second: Headed) -> Said | None:
    assert second.reading is not None
    for place, row in table.rows:
        one, two = table.cell(row, first.key), table.cell(row, second.key)
        if not _agree(one, first.reading, two, second.reading):
            expected = Expected.of("column_twice", other=short(first.text), value=_cell_text(one))
            fault = Fault(expected, named(second.reading.field, second.text), _cell_text(two), place)
            return Said(fault, second.key, refuses=True)
    return None


def _agreeing(table: InHand, first: Headed, second: Headed) -> Said:
    assert second.reading is not None
    expected = Expected.of("column_same", other=short(first.text))
    return Said(Fault(expected, second.reading.field, short(second.text), table.top), second.key)


def _agree(one: Any, first: Header | None, two: Any, second: Header | None) -> bool:
    if _value(one, first) == _value(two, second):
        return True
    finer, coarser = sorted((_figure(one, first), _figure(two, second)), key=lambda figure: figure[1])
    return coarser[1] > finer[1] > 0 and abs(finer[0] - coarser[0]) <= coarser[1] / 2


def _is_finer(table: InHand, column: Headed, *, than: Headed) -> bool:
    steps = [
        (
            _figure(table.cell(row, column.key), column.reading)[1],
            _figure(table.cell(row, than.key), than.reading)[1],
        )
        for _, row in table.rows
    ]
    return sum(own < other for own, other in steps) > sum(own > other for own, other in steps)


def _figure(cell: Any, header: Header | None) -> tuple[Decimal, Decimal]:
    """Return a cell's figure in the field's unit, and what its last digit counts; nought for what is no figure."""
    if header is None or header.factor is None or header.kind not in _MEASURED or is_empty(cell):
        return _NO_FIGURE
    try:
        written = number(cell)
    except UnreadableError:
        return _NO_FIGURE
    exponent = written.as_tuple().exponent
    step = Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)
    return written * header.factor, step * header.factor


def _value(cell: Any, header: Header | None) -> Any:
    if is_empty(cell):
        return None
    try:
        return cell if header is None or (header.factor is None) else read_cell(cell, header)
    except UnreadableError:
        return cell


def _unread(table: InHand, result: Examined) -> None:
    unread = [
        column
        for column in table.columns
        if column.reading is None and column.text and not _is_looked_at(column.text)
    ]
    for column in unread:
        if not column.left:
            fault = Fault(Expected.of("column_unknown"), "", short(column.text), table.top)
            result.said.append(Said(fault, column.key))
    if any(column.reading is not None and column.reading.kind == "money" for column in table.columns):
        return
    money = [column for column in unread if not column.left and _is_money(table, column)]
    if money:
        result.money_unread = True
        found = ", ".join(short(column.text) for column in money)[:200]
        fault = Fault(Expected.of("money_unread"), "tax_yuan", found, table.top)
        result.said.append(Said(fault, money[0].key))


def _is_money(table: InHand, column: Headed) -> bool:
    text = folded(column.text)
    if _NO_MONEY.search(text) or all(is_empty(table.cell(row, column.key)) for _, row in table.rows):
        return False
    if _MONEY.search(text):
        return True
    # 单位：万元 above, and nothing but numbers below
    return bool(_MONEY_TITLE.search(table.title)) and text not in _ORDINALS and _all_numbers(table, column)


def _all_numbers(table: InHand, column: Headed) -> bool:
    cells = [cell for _, row in table.rows if not is_empty(cell := table.cell(row, column.key))]
    try:
        return bool(cells) and all(number(cell) is not None for cell in cells if not isinstance(cell, bool))
    except UnreadableError:
        return False


def _is_looked_at(header: str) -> bool:
    """Tell whether a column that is not read is held against the others all the same."""
    return derived_field(header) is not None or names_datum(header)


def names_datum(header: str) -> bool:
    """Tell whether a header stands over datums, 坐标系 or coord_system."""
    return re.sub(r"[\s_\-]", "", folded(header)) in _DATUM_HEADERS


def derived_field(header: str) -> str | None:
    """Return which value that follows from the tax a column states, ``band`` or ``past_mark``; None for neither."""
    text = folded(header)
    return next((name for name, words in DERIVED.items() if text in words), None)


def named(field_name: str, header: str) -> str:
    """Return how a fault names a column: the field, with the office's own word for it."""
    own = short(header)
    return field_name if own in {"", field_name} else f"{field_name} ({own})"


def short(text: str) -> str:
    """Return a header as a message quotes it."""
    return printable(text)[:_LONGEST_SHOWN]


def _cell_text(cell: Any) -> str:
    return "" if is_empty(cell) else shown(cell)
