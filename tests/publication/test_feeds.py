"""Feeds as other programs read them, and as hostile text would like to break them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowline.publication import feeds
from belowline.publication.feeds import Feed, FeedAuthor, FeedComment, FeedStory

SITE = "https://news.example.org"
THR = "{http://purl.org/syndication/thread/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
FEED = Feed(
    title="The Valley Courier",
    subtitle="News & views",
    home_url=f"{SITE}/",
    self_url=f"{SITE}/feed.atom",
    authority="news.example.org",
    language="en",
    updated=datetime(2026, 1, 1, tzinfo=UTC),
)
STORY = FeedStory(
    key="the bridge",
    url=f"{SITE}/stories/the%20bridge",
    headline="Bridge <reopens> & closes",
    summary="Trains first.",
    html=(
        '<p>See <a href="/tags/dam">more</a> <img src="/media/a.svg" alt=""> '
        '<a href="//x">x</a></p>'
    ),
    authors=[FeedAuthor("Ada Klein", f"{SITE}/authors/ada-klein"), FeedAuthor("Ben")],
    published=datetime(2026, 4, 30, 9, tzinfo=UTC),
    updated=datetime(2026, 4, 30, 11, tzinfo=UTC),
    tags=["Borders"],
    section="Region",
    language="de",
    image_url=f"{SITE}/media/a.svg",
    comment_count=24,
    comments_url=f"{SITE}/stories/the%20bridge#comments",
    comments_atom=f"{SITE}/stories/the%20bridge/comments.atom",
    comments_rss=f"{SITE}/stories/the%20bridge/comments.rss",
)
FIRST = FeedComment(
    id="A1",
    url=f"{SITE}/comments/A1",
    title="Ada on Bridge",
    story_key=STORY.key,
    story_title=STORY.headline,
    story_url=STORY.url,
    author_name="Ada",
    html="<p>1 &lt; 2</p>",
    text="1 < 2",
    published=datetime(2026, 4, 30, 12, tzinfo=UTC),
    reply_count=1,
)
REPLY = FeedComment(
    id="B2",
    url=f"{SITE}/comments/B2",
    title="Ben on Bridge",
    story_key=STORY.key,
    story_title=STORY.headline,
    story_url=STORY.url,
    author_name="No Name",
    html="<p>Yes</p>",
    text="Yes",
    published=datetime(2026, 4, 30, 13, tzinfo=UTC),
    updated=datetime(2026, 4, 30, 14, tzinfo=UTC),
    parent_id="A1",
    parent_url=FIRST.url,
)


def parsed(document: bytes) -> Any:
    found = feedparser.parse(document)
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize(
    ("document", "version"),
    [
        (feeds.stories_atom(FEED, [STORY]), "atom10"),
        (feeds.stories_rss(FEED, [STORY]), "rss20"),
    ],
)
def test_a_feed_reader_finds_the_story(document: bytes, version: str) -> None:
    found = parsed(document)
    assert found.version == version
    assert found.feed.title == "The Valley Courier"
    assert found.feed.language == "en"
    (entry,) = found.entries
    assert entry.id == "tag:news.example.org,2026:stories/the%20bridge"
    assert entry.title == "Bridge <reopens> & closes"
    assert entry.link == STORY.url
    assert entry.published_parsed[:5] == (2026, 4, 30, 9, 0)
    assert [tag.term for tag in entry.tags] == ["Region", "Borders"]
    assert f'href="{SITE}/tags/dam"' in entry.content[0].value
    assert f'src="{SITE}/media/a.svg"' in entry.content[0].value
    assert 'href="//x"' in document.decode().replace("&quot;", '"')


def test_an_atom_feed_says_when_who_and_where() -> None:
    found = parsed(feeds.stories_atom(FEED, [STORY]))
    assert found.feed.updated == "2026-04-30T11:00:00Z"
    assert found.feed.id == "tag:news.example.org,2026:feed.atom"
    links = {(link.rel, link.href) for link in found.feed.links}
    assert links == {("self", FEED.self_url), ("alternate", FEED.home_url)}
    assert [author.name for author in found.entries[0].authors] == ["Ada Klein", "Ben"]


def test_a_story_says_how_many_replies_it_has_and_where() -> None:
    entry = ElementTree.fromstring(feeds.stories_atom(FEED, [STORY])).find(f"{ATOM}entry")
    assert entry is not None
    replies = [link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "replies"]
    assert [(link.get("href"), link.get(f"{THR}count")) for link in replies] == [
        (STORY.comments_atom, "24"),
        (STORY.comments_url, "24"),
    ]
    assert entry.findtext(f"{THR}total") == "24"
    item = ElementTree.fromstring(feeds.stories_rss(FEED, [STORY])).find("channel/item")
    assert item is not None
    assert item.findtext(f"{THR}total") == "24"
    assert item.findtext("comments") == STORY.comments_url


@pytest.mark.parametrize("make", [feeds.comments_atom, feeds.comments_rss])
def test_comments_are_threaded(make: Any) -> None:
    document = make(FEED, [REPLY, FIRST])
    assert [entry.id.rpartition("/")[2] for entry in parsed(document).entries] == ["B2", "A1"]
    answered = list(ElementTree.fromstring(document).iter(f"{THR}in-reply-to"))
    assert [(element.get("ref"), element.get("href")) for element in answered] == [
        ("tag:news.example.org,2026:comments/A1", FIRST.url),
        ("tag:news.example.org,2026:stories/the%20bridge", STORY.url),
    ]
    totals = ElementTree.fromstring(document).iter(f"{THR}total")
    assert [element.text for element in totals] == ["0", "1"]


def test_a_comment_is_read_as_it_was_written() -> None:
    entry = parsed(feeds.comments_atom(FEED, [FIRST])).entries[0]
    assert entry.content[0].value == "<p>1 &lt; 2</p>"
    assert entry.author == "Ada"
    assert parsed(feeds.comments_rss(FEED, [REPLY])).entries[0].author == "No Name"


def test_a_json_feed_of_stories() -> None:
    found = json.loads(feeds.stories_json(FEED, [STORY]))
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert (found["home_page_url"], found["feed_url"]) == (FEED.home_url, FEED.self_url)
    (item,) = found["items"]
    assert item["date_modified"] == "2026-04-30T11:00:00Z"
    assert item["authors"][0]["url"] == f"{SITE}/authors/ada-klein"
    assert item["_belowline"] == {"comment_count": 24, "comments_url": STORY.comments_url}


def test_a_json_feed_of_comments() -> None:
    found = json.loads(feeds.comments_json(FEED, [FIRST, REPLY]))
    first, reply = found["items"]
    assert first["content_text"] == "1 < 2"
    assert first["_belowline"]["in_reply_to"].endswith(":stories/the%20bridge")
    assert reply["_belowline"]["in_reply_to"].endswith(":comments/A1")
    assert reply["_belowline"]["in_reply_to_url"] == FIRST.url


@pytest.mark.parametrize(
    "make", [feeds.stories_atom, feeds.stories_rss, feeds.comments_atom, feeds.comments_rss]
)
def test_an_empty_feed_is_a_feed(make: Any) -> None:
    found = parsed(make(FEED, []))
    assert found.entries == []
    assert found.feed.updated


def test_an_edit_before_publication_does_not_go_back_in_time() -> None:
    early = FeedComment(
        **{name: getattr(FIRST, name) for name in FIRST.__struct_fields__ if name != "updated"},
        updated=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert parsed(feeds.comments_atom(FEED, [early])).entries[0].updated == "2026-04-30T12:00:00Z"


ANY_TEXT = st.text(st.characters())  # control characters and half surrogate pairs included


@given(text=ANY_TEXT)
def test_hostile_text_leaves_every_feed_well_formed(text: str) -> None:
    feed = Feed(
        title=text,
        subtitle=text,
        home_url=SITE,
        self_url=SITE,
        authority="news.example.org",
        language="en",
        updated=FEED.updated,
    )
    story = FeedStory(
        key="k",
        url=f"{SITE}/stories/k",
        headline=text,
        summary=text,
        html=text,
        authors=[FeedAuthor(text)],
        published=STORY.published,
        tags=[text],
    )
    comment = FeedComment(
        id="A1",
        url=f"{SITE}/comments/A1",
        title=text,
        story_key="k",
        story_title=text,
        story_url=STORY.url,
        author_name=text,
        html=text,
        text=text,
        published=FIRST.published,
    )
    for document in (
        feeds.stories_atom(feed, [story]),
        feeds.stories_rss(feed, [story]),
        feeds.comments_atom(feed, [comment]),
        feeds.comments_rss(feed, [comment]),
    ):
        entries = [
            element
            for element in ElementTree.fromstring(document).iter()
            if element.tag in (f"{ATOM}entry", "item")
        ]
        assert len(entries) == 1
    assert len(json.loads(feeds.stories_json(feed, [story]))["items"]) == 1
    assert len(json.loads(feeds.comments_json(feed, [comment]))["items"]) == 1
