from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.ordering import placed


@given(st.lists(st.integers(), min_size=1, unique=True), st.data(), st.integers())
def test_a_row_stands_where_it_was_put_and_the_others_keep_their_order(
    ids: list[int], data: st.DataObject, place: int
) -> None:
    moved = data.draw(st.sampled_from(ids))
    order = placed(ids, moved, place)
    assert [row_id for row_id in order if row_id != moved] == [r for r in ids if r != moved]
    assert order.index(moved) == min(max(0, place), len(ids) - 1)
