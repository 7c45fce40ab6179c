"""What /openapi.json promises is what the API does: schemathesis tries to show otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.web.conftest import Reader, Town, town_at

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One running site for all operations."""
    folder: Path = tmp_path_factory.mktemp("openapi") / "site"
    with town_at(folder) as opened:
        yield opened


OPERATIONS = [
    "GET /stories",
    "GET /stories/{story}",
    "PUT /stories/{story}",
    "GET /counts",
    "GET /stories/{story}/comments",
    "POST /stories/{story}/comments",
    "GET /comments/{comment}",
    "PATCH /comments/{comment}",
    "DELETE /comments/{comment}",
    "GET /comments/{comment}/replies",
    "PUT /comments/{comment}/recommendation",
    "DELETE /comments/{comment}/recommendation",
    "POST /comments/{comment}/reports",
    "POST /stories/{story}/typing",
    "POST /guests",
    "GET /me",
    "PATCH /me",
    "PUT /users/{user}/mute",
    "DELETE /users/{user}/mute",
    "GET /desk/queue",
    "GET /desk/comments/{comment}",
    "GET /desk/decisions",
    "GET /desk/campaigns",
    "GET /desk/campaigns/{campaign}",
    "POST /desk/campaigns/{campaign}/decisions",
    "DELETE /desk/campaigns/{campaign}/standing",
    "POST /desk/decisions",
    "DELETE /desk/decisions/{decision}",
    "GET /me/standing",
    "GET /desk/authors/{user}",
    "POST /desk/authors/{user}/measures",
    "DELETE /desk/measures/{measure}",
    "POST /desk/authors/{user}/notes",
    "GET /desk/authors/{user}/removal",
    "POST /desk/authors/{user}/removal",
    "DELETE /desk/removals/{act}",
    "GET /rules",
    "GET /statements/{token}",
    "GET /comments/{comment}/statement",
    "POST /statements/{token}/appeal",
    "POST /notices",
    "GET /notices/{token}",
    "GET /desk/appeals",
    "POST /desk/appeals/{statement}",
    "GET /desk/notices",
    "POST /desk/notices/{notice}",
    "PUT /desk/rules/{reason}",
    "POST /desk/comments/{comment}/evidence",
]


def _document(town: Town) -> dict[str, Any]:
    answer = town.reader().get("/openapi.json")
    document: dict[str, Any] = answer.json()
    return document


def test_every_operation_of_the_api_is_tried(town: Town) -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in _document(town)["paths"].items()
        for method in operations
    }
    streams = {"GET /stories/{story}/live", "GET /desk/live"}
    assert described == set(OPERATIONS) | streams


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("who", ["reader", "moderator"])
def test_the_api_does_what_its_description_says(town: Town, name: str, who: str) -> None:
    method, path = name.split(" ")
    somebody = town.reader() if who == "reader" else town.moderator()
    # What a test before this one made up may have closed the story, or given it a pause.
    opened = {"mode": "open", "slow": 0, "close_days": 0}
    assert town.moderator().ask("PUT", "/api/v1/stories/ferry", json=opened).is_success
    own, anothers = somebody.said("Mine."), town.reader().said("Theirs.")
    known = {"story": "ferry", "comment": own if method in ("PATCH", "DELETE") else anothers}
    schema = schemathesis.openapi.from_dict(_document(town))
    operation = schema["/api/v1" + path][method]

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def tried(case: schemathesis.Case[Any]) -> None:
        made = case.meta
        if made and made.generation.mode.is_positive:  # what is made up is seldom there
            taken = case.path_parameters.keys() & known.keys()
            case.path_parameters |= {name: known[name] for name in taken}
        case.validate_response(_send(somebody, case), checks=CHECKS)

    tried()


def _send(somebody: Reader, case: schemathesis.Case[Any]) -> Any:
    made = requests.Request(**case.as_transport_kwargs(base_url="http://post.example")).prepare()
    body = made.body.encode() if isinstance(made.body, str) else made.body
    return somebody.ask(str(made.method), str(made.url), content=body, headers=dict(made.headers))
