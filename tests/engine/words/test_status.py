"""What HTTP says of a status code."""

import pytest
from fastapi.utils import is_body_allowed_for_status_code as genuine

from martlet._engine.words.status import is_body_allowed_for_status_code

STATUSES = [
    None,
    "default",
    "1XX",
    "2XX",
    "3XX",
    "4XX",
    "5XX",
    "200",
    "204",
    100,
    199,
    200,
    204,
    205,
    206,
    304,
    404,
    599,
]


@pytest.mark.parametrize("status", STATUSES)
def test_content_is_allowed_where_fastapi_allows_it(status: int | str | None) -> None:
    assert is_body_allowed_for_status_code(status) is genuine(status)
