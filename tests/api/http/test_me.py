"""Callers are told who they are."""

from datetime import UTC, datetime, timedelta

import httpx

from dispatch.domain.access import Role
from dispatch.rehearsal import moment
from tests.api.http.serving import Served, organisation, serving
from tests.api.http.test_access import HOME, ids_of


def me(client: httpx.Client) -> dict[str, object]:
    answer = client.get("/v1/me", headers={"Accept-Language": "zh"})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_callers_hear_their_names_roles_and_territories(wide: Served) -> None:
    technician = ids_of(HOME)["technician_id"]
    own = me(wide.client(Role.TECHNICIAN, technician=technician))
    assert (own["name"], own["role"]) == ("a technician", "technician")
    assert own["technician_id"] == technician
    assert own["language"] == "zh"
    limited = me(wide.client(Role.DISPATCHER, (HOME,)))
    assert limited["territories"] == [HOME]
    whole = me(wide.client(Role.VIEWER))
    assert whole["territories"] is None
    assert not whole["open"]


def test_the_time_is_that_of_the_organisation(wide: Served) -> None:
    found = me(wide.client(Role.VIEWER))
    with wide.database.reading() as session:
        now = moment(session)
    at = datetime.fromisoformat(str(found["now_at"])).astimezone(UTC)
    assert abs(now - at) < timedelta(hours=1)
    assert found["time_zone"] == organisation().time_zone


def test_where_nobody_needs_a_key_callers_are_told(wide: Served) -> None:
    url = wide.database.url.render_as_string(hide_password=False)
    with serving(url, is_open=True) as served:
        assert me(served.showing(None))["open"]
