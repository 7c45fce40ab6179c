"""Where a database is, and that connections notice when it is gone."""

from __future__ import annotations

import pytest

from belowline.storage import addresses


@pytest.mark.parametrize(
    ("address", "ports"),
    [
        ("ada:s@one:1,two:2/name?target_session_attrs=read-write", "1,2"),
        ("one,two:2/name?target_session_attrs=read-write", ",2"),
        ("/name?host=one:1&host=two:2&target_session_attrs=read-write", "1,2"),
    ],
)
def test_an_address_may_name_several_hosts(address: str, ports: str) -> None:
    told = addresses.parameters(addresses.parse(f"postgresql+psycopg://{address}"))
    assert (told["host"], told["port"]) == ("one,two", ports)
    assert (told["dbname"], told["target_session_attrs"]) == ("name", "read-write")


def test_a_comma_in_a_password_is_no_second_host() -> None:
    told = addresses.parameters(addresses.parse("postgresql+psycopg://ada:a,b@one:1/name"))
    assert (told["host"], told["password"]) == ("one", "a,b")


def test_what_the_address_says_of_the_connection_stands() -> None:
    url = addresses.parse("postgresql+psycopg://one/name?connect_timeout=9")
    told = addresses.parameters(url)
    assert told["connect_timeout"] == "9"
    assert told["keepalives_idle"] < 60
