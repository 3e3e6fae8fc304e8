"""
Errors in the arguments of tags are raised at compile time. They name the tag and the argument, and
contain an example.
"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.template import Context, Template, TemplateSyntaxError

from django_trove.client import CallError
from django_trove.services import Trove
from django_trove.templatetags.trove import USAGE

MEANT = {
    "trove_photos": 'Example: {% trove_photos user tags="snow" count=12 as photos %}.',
    "trove_gallery": 'Example: {% trove_gallery user tags="snow" count=12 %}.',
    "trove_album_list": "Example: {% trove_album_list user count=12 %}.",
    "trove_timeline": 'Example: {% trove_timeline user services="flickr" as timeline %}.',
    "trove_month_list": 'Example: {% trove_month_list user services="flickr" %}.',
    "trove_place_list": "Example: {% trove_place_list user count=12 %}.",
    "trove_on_this_day": "Example: {% trove_on_this_day user days=0 %}.",
    "trove_connect": 'Example: {% trove_connect next="/photos/" %}.',
}

FOR_EACH = [
    ("", "'user'"),
    ('"ann"', 'user must be a user, such as request.user, not "ann".'),
    ("user=7", "user must be a user, such as request.user, not 7."),
    ('user "snow"', "too many positional arguments"),
    ('tags="snow" user', "after some keyword argument"),
    ('user tags="snow" tags="sea"', "multiple values for keyword argument 'tags'"),
    ('user tag="snow"', 'unknown filter "tag". Did you mean tags?'),
    ('user colour="red"', 'unknown filter "colour". The filters are tags, '),
    ("user tags=7", "tags must be a list or a string with commas."),
    ("user services=7", "services must be a list"),
    ('user since="soon"', "since must be a date such as 2007-03-04, not 'soon'"),
    ('user until="2007-02-30"', "until must be a date"),
    ('user since="2008-01-01" until="2007-01-01"', "since must not be after until."),
    ('user near="here"', 'near must be "latitude,longitude'),
    ('user near="95,0"', "near has a latitude of 95"),
    ('user near="1,2,-3"', "the radius of near must be a distance in kilometers"),
    ('user box="1,2,3"', 'box must be "south,west,north,east"'),
    ('user box="50,0,40,1"', "box: south (50) must not be greater than north (40)."),
    ('user box="-91,0,40,1"', "box has a latitude of -91"),
    ("user count=0", "count must be an integer from 1 to 500"),
    ('user count="many"', "count must be an integer"),
    ("user page=0", "page must be an integer"),
    ('user order_by="-name"', "order_by must be one of service_date, date, service, trove_id, "),
    ('user force_update="yes"', "force_update must be true or false"),
    ("user count=1|add:2:", "Could not parse"),
]


@pytest.mark.parametrize(("arguments", "message"), FOR_EACH)
@pytest.mark.parametrize("tag", ["trove_photos", "trove_gallery"])
def test_message_names_argument_and_has_example(tag, arguments, message):
    ending = " as photos" if tag == "trove_photos" else ""
    output = get_error_message(f"{tag} {arguments}{ending}")
    assert MEANT[tag] in output
    assert message in output


@pytest.mark.parametrize(
    ("tag", "arguments", "message"),
    [
        (
            "trove_photos",
            'user tags="snow"',
            "a variable name is missing: end the tag with as photos.",
        ),
        ("trove_photos", "user as", "too many positional arguments"),
        ("trove_gallery", "user as photos", "too many positional arguments"),
        (
            "trove_album_list",
            'user tags="snow"',
            "albums cannot be filtered by tags. The filters are services, identities, album, ",
        ),
        ("trove_album_list", "user since=day", "albums cannot be filtered by since."),
        ("trove_timeline", "user count=12 as timeline", "timeline cannot be filtered by count."),
        ("trove_month_list", "user page=page", "timeline cannot be filtered by page."),
        ("trove_place_list", 'user near="1,2"', "places cannot be filtered by near."),
        ("trove_on_this_day", "user days=32", "days_around must be an integer from 0 to 31"),
        ("trove_connect", '"/there/"', "too many positional arguments"),
        ("trove_connect", 'nxt="/there/"', "unexpected keyword argument 'nxt'"),
    ],
)
def test_errors_of_single_tags(tag, arguments, message):
    output = get_error_message(f"{tag} {arguments}")
    assert message in output
    assert MEANT[tag] in output


@pytest.mark.parametrize("tag", USAGE)
def test_example_is_correct(tag):
    template = Template("{% load trove %}{% " + USAGE[tag] + " %}")
    assert len(template.nodelist) == 2


def get_error_message(tag):
    with pytest.raises(TemplateSyntaxError) as caught:
        Template("{% load trove %}{% " + tag + " %}")
    return str(caught.value)


class TestFirstArgument:
    """
    Errors found at render time do not fail the page. The result contains them.
    """

    @pytest.mark.parametrize("wrong", ["ann", 7, Group(pk=1), object()])
    def test_other_object_is_rejected(self, wrong):
        template = Template("{% load trove %}{% trove_photos it as photos %}{{ photos.error }}")
        output = template.render(Context({"it": wrong}))
        assert output == f"user must be a user of this site, not {type(wrong).__name__}."

    @pytest.mark.django_db
    def test_primary_key_of_other_model_is_not_used(self, account):
        """
        A shop with the primary key of a user does not get the photos of this user.
        """
        shop = Group(pk=account.user.pk)
        shop.is_active = shop.is_authenticated = True
        with pytest.raises(CallError, match="not Group"):
            Trove(shop).photos()
        with pytest.raises(CallError, match="not Group"):
            Trove(shop).account  # noqa: B018
