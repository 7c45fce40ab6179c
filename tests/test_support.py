"""The real parts that other tests use."""

from __future__ import annotations

from playwright.sync_api import Browser
from sqlalchemy import create_engine, inspect, text

from tests.support.postgres import PostgresServer


def test_each_test_gets_an_empty_database_of_both_kinds(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE leftover (id BIGINT)"))
    engine.dispose()


def test_a_database_can_be_copied_from_another(postgres: PostgresServer) -> None:
    with postgres.fresh_database() as original:
        engine = create_engine(original)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE story (title TEXT)"))
            connection.execute(text("INSERT INTO story VALUES ('A bridge for Ostervik')"))
        engine.dispose()
        with postgres.fresh_database(template=_name(original)) as copy:
            engine = create_engine(copy)
            with engine.connect() as connection:
                titles = connection.execute(text("SELECT title FROM story")).scalars().all()
            engine.dispose()
    assert titles == ["A bridge for Ostervik"]


def test_two_readers_have_browsers_that_share_nothing(browser: Browser) -> None:
    ada, ben = browser.new_context(), browser.new_context()
    for context in (ada, ben):
        context.route("**", lambda route: route.fulfill(body="<p>Ostervik</p>"))
    page = ada.new_page()
    page.goto("http://ostervik.invalid/")
    page.evaluate("document.cookie = 'seen=1'")
    other = ben.new_page()
    other.goto("http://ostervik.invalid/")
    assert page.evaluate("document.cookie") == "seen=1"
    assert other.evaluate("document.cookie") == ""
    ada.close()
    ben.close()


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]
