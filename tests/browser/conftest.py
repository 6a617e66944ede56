"""A running site and a real browser; each person has a browser context of their own."""

import os
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser.shared import shared_site

WIDE, NARROW = (1280, 900), (390, 844)
PATIENCE_MS = 10_000  # also what may pass between a save and its total on another's screen
PASSWORD = "better-together"
BROWSERS_OWN_WORDS = "Failed to load resource: "
OFFLINE = 0


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with shared_site(tmp_path_factory, folder / "browser") as running:
        yield running


@pytest.fixture(scope="session")
def base_url(site):
    return f"http://127.0.0.1:{site.port}"


# for a file, not the session: while Playwright runs so does its event loop, in which Django refuses
# the database to whatever other test comes to this worker
@pytest.fixture(scope="module")
def browser():
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=os.environ["ESBT_CHROMIUM"], args=arguments
        )
        yield started
        started.close()


expect.set_options(timeout=PATIENCE_MS)


class Desk:
    """Opens browser contexts, and hears whatever goes wrong in any of them."""

    def __init__(self, browser, base_url, signed_in) -> None:
        self.browser, self.base_url, self.signed_in = browser, base_url, signed_in
        self.contexts: list[BrowserContext] = []
        self.heard: list[str] = []
        self.allowed: set[int] = set()

    def allow(self, *statuses: int) -> None:
        """Answers that the story provokes on purpose."""
        self.allowed |= set(statuses)

    def stranger(self, *, size=WIDE, **options) -> Page:
        context = self.browser.new_context(
            base_url=self.base_url,
            viewport={"width": size[0], "height": size[1]},
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.heard.append(f"error: {error.error}"))
        context.on("response", self._response)
        context.on("requestfailed", self._failed)
        return context.new_page()

    def person(self, username: str, **options) -> Page:
        """A signed-in person's browser; what signing in takes is done once for each."""
        if username not in self.signed_in:
            page = self.stranger()
            sign_in(page, username)
            self.signed_in[username] = page.context.storage_state()
        return self.stranger(storage_state=self.signed_in[username], **options)

    def _console(self, message) -> None:
        # the answer or its absence is heard below, with its address
        if message.type in ("error", "warning") and BROWSERS_OWN_WORDS not in message.text:
            self.heard.append(f"{message.type}: {message.text}")

    def _failed(self, request) -> None:
        # what a page asked for when it was left is no loss; what the policy bars, the console says
        harmless = request.failure in ("net::ERR_ABORTED", "csp")
        if OFFLINE not in self.allowed and not harmless:
            self.heard.append(f"{request.failure} for {request.url}")

    def _response(self, response) -> None:
        if urlsplit(response.url).scheme not in ("data", "blob"):
            if not response.url.startswith(self.base_url):
                self.heard.append(f"left the site for {response.url}")
            if response.status >= 400 and response.status not in self.allowed:
                self.heard.append(f"{response.status} for {response.url}")


@pytest.fixture(scope="session")
def signed_in():
    return {}


@pytest.fixture
def desk(browser, base_url, signed_in):
    opened = Desk(browser, base_url, signed_in)
    yield opened
    for context in opened.contexts:
        context.close()
    # errors of scripts, what the content security policy barred, answers that failed
    assert not opened.heard


def sign_in(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile("^Overview"))
