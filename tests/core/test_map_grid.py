"""
Cells of a map.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.core.box import WORLD, Box
from django_trove.core.map_grid import (
    DEEPEST,
    MAX_CELLS,
    MAX_LATITUDE,
    cell_of,
    choose_level,
    count_cells,
    count_deepest,
    find_ranges,
    first_cell,
    get_bounds,
    intersects,
)

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
levels = st.integers(0, DEEPEST)
boxes = st.tuples(latitudes, longitudes, latitudes, longitudes).map(
    lambda box: Box(min(box[0], box[2]), box[1], max(box[0], box[2]), box[3])
)


@given(latitudes, longitudes, levels)
def test_the_bounds_of_a_cell_contain_its_locations(latitude, longitude, level):
    cell = first_cell(cell_of(latitude, longitude), level)
    assert cell <= cell_of(latitude, longitude) < cell + count_deepest(level)
    bounds = get_bounds(cell, level)
    clamped = max(-MAX_LATITUDE, min(latitude, MAX_LATITUDE))
    tolerance = 1e-9
    assert bounds.south - tolerance <= clamped <= bounds.north + tolerance
    assert bounds.west - tolerance <= longitude <= bounds.east + tolerance


@given(boxes, st.data(), st.integers(0, DEEPEST))
def test_ranges_and_cells_of_a_box_contain_its_locations(box, data, level):
    latitude = data.draw(st.floats(box.south, box.north))
    spans = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180), (-180, box.east)]
    longitude = data.draw(st.floats(*data.draw(st.sampled_from(spans))))
    cell = cell_of(latitude, longitude)
    ranges = find_ranges(box, level)
    assert any(first <= cell <= last for first, last in ranges)
    assert len(ranges) <= MAX_CELLS
    assert intersects(box, first_cell(cell, level), level)


def test_a_cell_next_to_a_box_does_not_intersect_it():
    box = Box(1.0, 1.0, 2.0, 2.0)
    cells = [cell_of(latitude, longitude) for latitude in (1, -1) for longitude in (1, -1)]
    assert [intersects(box, first_cell(cell, 1), 1) for cell in cells] == [True, *[False] * 3]


@given(boxes, st.integers(0, 24))
def test_the_level_limits_the_number_of_cells(box, zoom):
    level = choose_level(box, zoom)
    assert 0 <= level <= min(zoom + 2, DEEPEST)
    assert count_cells(box, level) <= max(MAX_CELLS, count_cells(box, 0))


@pytest.mark.parametrize(
    ("box", "zoom", "level"),
    [(WORLD, 0, 2), (WORLD, 20, 4), (Box(40.7, -73.96, 40.71, -73.95), 15, 17)],
)
def test_levels(box, zoom, level):
    assert choose_level(box, zoom) == level
