"""
Hypothesis strategies for content and queries.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from django_trove.client import Photo, Query, Urls
from django_trove.client.values import SIZES, Camera

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
moments = st.datetimes(
    datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.none() | st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))
upload_moments = st.datetimes(
    datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))
latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
places = st.tuples(latitudes, longitudes)
addresses = texts.map("https://pictures.example/{}".format)

lengths = st.just(0.0) | st.floats(0.0001, 10_000)
cameras = st.builds(
    Camera,
    make=texts,
    model=texts,
    lens=texts,
    exposure_time=lengths,
    aperture=lengths,
    iso=st.integers(0, 4_000_000),
    focal_length=lengths,
)
pixels = st.integers(1, 100_000)
located = st.fixed_dictionaries({"latitude": latitudes, "longitude": longitudes})
photos = st.builds(
    lambda place, **fields: Photo(**fields, **place),
    place=st.just({}) | located,
    trove_id=names,
    service=texts,
    id=texts,
    title=texts,
    owner=texts,
    description=texts,
    urls=st.fixed_dictionaries(
        {"original": addresses}, optional=dict.fromkeys(SIZES[:-1], addresses)
    ).map(Urls),
    tags=st.lists(names, max_size=4).map(tuple),
    date=st.none() | moments.map(lambda moment: moment.replace(tzinfo=UTC)),
    album_id=texts,
    license=texts,
    height=st.integers(0, 100_000),
    width=st.integers(0, 100_000),
    public=st.booleans(),
    original_web_url=st.just("") | addresses,
    utc_offset=st.none() | st.integers(-840, 840),
    average_color=st.sampled_from(["", "#3f6e8c"]),
    upload_date=st.none() | upload_moments,
    album_title=texts,
    media_type=texts,
    sizes=st.dictionaries(st.sampled_from(SIZES), st.tuples(pixels, pixels)),
    camera=cameras,
    extra=st.dictionaries(names.map("x-{}".format), st.integers() | texts, max_size=2),
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """
    Valid queries.
    """
    some_texts = st.lists(names, max_size=4)
    dates = sorted(draw(moments).replace(tzinfo=UTC) for _ in range(2))
    south, north = sorted(draw(st.tuples(latitudes, latitudes)))
    query = Query(
        services=draw(st.none() | some_texts),
        identities_by_id=draw(some_texts),
        albums=draw(some_texts),
        public=draw(st.sampled_from([None, True, False])),
        text=draw(texts),
        videos=draw(st.booleans()),
        tags_required=draw(some_texts),
        tags_optional=draw(some_texts),
        date_from=draw(st.sampled_from([None, dates[0]])),
        date_to=draw(st.sampled_from([None, dates[1]])),
        day_from=draw(st.sampled_from([None, dates[0].date()])),
        day_to=draw(st.sampled_from([None, dates[1].date()])),
        place=draw(st.sampled_from(["", "Williamsburg, New York"])),
        zoom=draw(st.none() | st.integers(0, 24)),
        on_this_day=draw(st.sampled_from([None, dates[0].date()])),
        order_by=draw(st.lists(st.sampled_from(["service_date", "-width"]), max_size=2)),
        page=draw(st.integers(1, 10_000)),
        count=draw(st.integers(1, 500)),
        force_update=draw(st.booleans()),
        attributes=draw(st.dictionaries(names, texts, max_size=2)),
    )
    if draw(st.booleans()):
        query.within((south, draw(longitudes)), (north, draw(longitudes)))
    if draw(st.booleans()):
        query.near(draw(places), draw(st.floats(0.001, 20_000)))
    return query


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
