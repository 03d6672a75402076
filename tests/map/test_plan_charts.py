"""The trade-off and the ranges of weights as drawings."""

from __future__ import annotations

from buildingmap.map import POINT_PATHS, trade_off_chart, weight_ranges_chart
from buildingmap.placement import TradeOff, TradePoint, Turn, Unsearched, WeightRange


def point(one: float, other: float, *, proved: bool = True) -> TradePoint:
    return TradePoint(
        one=one,
        other=other,
        score=50.0,
        proved=proved,
        bound_of=None if proved else "access",
        bound=None if proved else one + 9,
        enter=(),
        leave=(),
        change=(),
        taken=(),
    )


def curve(*points: TradePoint, best: tuple[float, float] | None = None) -> TradeOff:
    return TradeOff(
        version="v",
        synthetic=True,
        one="access",
        other="tax",
        points=points,
        whole=False,
        complete=True,
        unsearched=(Unsearched(60, 80, 10, 30),),
        most=25,
        best_one=None if best is None else best[0],
        best_other=None if best is None else best[1],
        best_on_curve=False,
        tolerance=0.01,
        seconds=1,
    )


def test_more_of_one_lies_to_the_right_and_more_of_the_other_higher() -> None:
    drawn = trade_off_chart(curve(point(80, 10), point(60, 30), point(20, 90), best=(50, 20)))
    assert drawn is not None
    assert [each.number for each in drawn.points] == [1, 2, 3]
    assert [each.x for each in drawn.points] == sorted((each.x for each in drawn.points), reverse=True)
    assert [each.y for each in drawn.points] == sorted((each.y for each in drawn.points), reverse=True)
    for each in drawn.points:
        assert drawn.left < each.x < drawn.right
        assert drawn.top < each.y < drawn.base
    assert drawn.best is not None
    assert drawn.points[2].x < drawn.best[0] < drawn.points[1].x
    assert drawn.stairs.startswith(f"M{drawn.points[0].x} {drawn.points[0].y}H{drawn.points[1].x}")


def test_the_grid_stands_at_round_figures_inside_the_frame() -> None:
    drawn = trade_off_chart(curve(point(812.3, 10), point(640, 33)))
    assert drawn is not None
    assert all(tick.value % 50 == 0 and drawn.left <= tick.at <= drawn.right for tick in drawn.across)
    assert 3 <= len(drawn.across) <= 8


def test_what_is_not_proved_or_not_searched_is_drawn_otherwise() -> None:
    drawn = trade_off_chart(curve(point(80, 10), point(60, 30, proved=False)))
    assert drawn is not None
    assert [each.path for each in drawn.points] == [POINT_PATHS["proved"], POINT_PATHS["unproved"]]
    area = drawn.unsearched[0]
    assert (area.x, area.y) == (drawn.points[1].x, drawn.points[1].y)
    assert (round(area.x + area.width, 1), round(area.y + area.height, 1)) == (
        drawn.points[0].x,
        drawn.points[0].y,
    )


def test_one_point_alone_and_none_at_all_are_drawn_or_not() -> None:
    assert trade_off_chart(curve(point(80, 10))) is not None
    assert trade_off_chart(curve()) is None


def test_a_range_is_a_bar_from_its_least_share_to_its_greatest_around_the_weight_now() -> None:
    found = WeightRange(
        criterion="tax",
        weight=20,
        share=0.2,
        low=0.1,
        high=0.6,
        low_weight=9,
        high_weight=120,
        sure_low=0.1,
        sure_high=0.5,
        low_proved=True,
        high_proved=False,
        at_low=None,
        at_high=Turn(("A",), ("B",), ()),
    )
    drawn = weight_ranges_chart([found])
    assert drawn is not None
    bar = drawn.bars[0]
    assert (
        drawn.label_width
        < bar.low_x
        == bar.sure_low_x
        < bar.now_x
        < bar.sure_high_x
        < bar.high_x
        < drawn.width
    )
    assert (bar.low_open, bar.high_open) == (False, True)
    assert [share for _, share in drawn.grid] == [0, 0.25, 0.5, 0.75, 1]
    assert weight_ranges_chart([]) is None
