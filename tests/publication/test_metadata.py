"""Sitemap, structured data and social cards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from belowline.publication.sitemap import SitemapPage, sitemap
from belowline.publication.structured import Article, ArticleComment, news_article, social_card

SITE = "https://news.example.org"
NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CHANGED = datetime(2026, 4, 30, 9, tzinfo=UTC)
ARTICLE = Article(
    url=f"{SITE}/stories/dam",
    headline="The dam & the “valley”",
    summary="What held.",
    language="en-GB",
    published=CHANGED,
    authors=[("Ada Klein", f"{SITE}/authors/ada-klein"), ("Ben", "")],
    section="Region",
    tags=["water"],
    words=900,
    image_url=f"{SITE}/media/dam.svg",
    image_alt="A dam",
    image_width=1600,
    image_height=900,
    site_name="The Valley Courier",
    site_url=SITE,
    comment_count=2,
    comments=[
        ArticleComment(
            url=f"{SITE}/comments/A1",
            text="First",
            author_name="Ada",
            created=CHANGED,
            recommendations=3,
        ),
        ArticleComment(
            url=f"{SITE}/comments/B2",
            text="Second",
            author_name="No Name",
            created=CHANGED,
            edited=CHANGED,
            parent_url=f"{SITE}/comments/A1",
        ),
    ],
)


def part_url(number: int) -> str:
    return f"{SITE}/sitemap-{number}.xml"


def test_a_small_site_has_one_sitemap_with_the_time_of_each_change() -> None:
    pages = [SitemapPage(f"{SITE}/?a=1&b=2", CHANGED), SitemapPage(f"{SITE}/tags/dam")]
    document = sitemap(pages, part_url=part_url)
    assert document is not None
    root = ElementTree.fromstring(document)
    assert root.tag == f"{NS}urlset"
    assert [(url.findtext(f"{NS}loc"), url.findtext(f"{NS}lastmod")) for url in root] == [
        (f"{SITE}/?a=1&b=2", "2026-04-30T09:00:00Z"),
        (f"{SITE}/tags/dam", None),
    ]


def test_an_empty_site_has_an_empty_sitemap() -> None:
    document = sitemap([], part_url=part_url)
    assert document is not None
    assert len(ElementTree.fromstring(document)) == 0


def test_a_large_site_has_an_index_of_parts() -> None:
    pages = [SitemapPage(f"{SITE}/{number}", CHANGED) for number in range(5)]
    index = sitemap(pages, part_url=part_url, largest=2)
    assert index is not None
    root = ElementTree.fromstring(index)
    assert root.tag == f"{NS}sitemapindex"
    assert [place.findtext(f"{NS}loc") for place in root] == [part_url(n) for n in (1, 2, 3)]
    last = sitemap(pages, part_url=part_url, part=3, largest=2)
    assert last is not None
    assert [place.findtext(f"{NS}loc") for place in ElementTree.fromstring(last)] == [f"{SITE}/4"]
    for number in (0, -1, 4):
        assert sitemap(pages, part_url=part_url, part=number, largest=2) is None


def test_the_structured_data_has_the_article_and_its_comments() -> None:
    found = json.loads(news_article(ARTICLE))
    assert found["@type"] == "NewsArticle"
    assert found["commentCount"] == 2
    assert [author["name"] for author in found["author"]] == ["Ada Klein", "Ben"]
    first, second = found["comment"]
    assert (first["text"], first["upvoteCount"]) == ("First", 3)
    assert "parentItem" not in first
    assert second["parentItem"]["@id"] == first["@id"]
    assert second["author"] == {"@type": "Person", "name": "No Name"}


def test_the_social_card_has_what_networks_read() -> None:
    card = social_card(ARTICLE)
    assert ("og:title", ARTICLE.headline) in card
    assert ("og:locale", "en_GB") in card
    assert ("og:image:width", "1600") in card
    assert ("article:author", "Ben") in card
    assert ("twitter:card", "summary_large_image") in card
    assert all(content for _, content in card)


def test_a_story_without_a_picture_has_a_small_card() -> None:
    bare = msgspec.structs.replace(ARTICLE, image_url="", summary="")
    names = [name for name, _ in social_card(bare)]
    assert ("twitter:card", "summary") in social_card(bare)
    assert "og:image" not in names
    assert "og:description" not in names
    assert "image" not in json.loads(news_article(bare))


@given(text=st.text(st.characters()) | st.sampled_from(["</script><script>", "<!--", "\u2028"]))
def test_nothing_in_the_structured_data_ends_the_script(text: str) -> None:
    comment = ArticleComment(url=SITE, text=text, author_name=text, created=CHANGED)
    hostile = msgspec.structs.replace(ARTICLE, headline=text, tags=[text], comments=[comment])
    made = news_article(hostile)
    assert not set("<>&\u2028\u2029") & set(made)
    found = json.loads(made)
    assert found["headline"] == found["comment"][0]["text"]
    if all(letter.isprintable() for letter in text):
        assert found["headline"] == text
