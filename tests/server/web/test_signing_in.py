"""What an attacker tries around the sign-in: planted cookies, addresses to go to afterwards."""

from tests.support.web import ADDRESS, OWNER_LOGIN, OWNER_PASSWORD, WebAdmin


def test_what_stays_a_path_of_ours_is_gone_to_as_it_was_asked_for(web: WebAdmin) -> None:
    """A browser takes none of this for another server; decoded once more, it would."""
    for goal in ("/%5cevil.example", "/%2f%2fevil.example", "/%0d%0aLocation:%20//evil.example"):
        answer = web.owner().client.get(
            "/admin/login", base_url=ADDRESS, query_string={"next": goal}
        )
        assert answer.location == goal


def test_a_cookie_that_was_planted_before_is_nobodys_and_each_sign_in_has_its_own(
    web: WebAdmin,
) -> None:
    browser, planted = web.stranger(), f"1.{'A' * 43}"
    browser.client.set_cookie("lovhub_session", planted, secure=True)
    tokens = {planted}
    for _time in range(2):
        said = {"login": OWNER_LOGIN, "password": OWNER_PASSWORD}
        assert browser.post("/admin/login", said).status_code == 303
        cookie = browser.client.get_cookie("lovhub_session")
        assert cookie is not None
        tokens.add(cookie.value)
        browser.post("/admin/logout", {})
    assert len(tokens) == 3
    for token in tokens:
        asked = web.app.test_client(use_cookies=False).get(
            "/admin", base_url=ADDRESS, headers={"Cookie": f"lovhub_session={token}"}
        )
        assert asked.status_code == 303
