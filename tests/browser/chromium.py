"""Debian's Chromium without a window; nothing that a page asks of the network gets through."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    sync_playwright,
)

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; a test is skipped without it, and fails without it in CI."""
    path = shutil.which("chromium")
    if path is None:
        message = "Chromium is not here; on Debian, `apt-get install chromium` brings it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Heard:
    """What a page did that a report must not do."""

    complaints: list[str] = field(default_factory=list)

    def asked(self, request: Request) -> None:
        """Note a request that leaves the file."""
        if not request.url.startswith(("file:", "data:")):
            self.complaints.append(f"asked for {request.url}")

    def said(self, message: ConsoleMessage) -> None:
        """Note an error or a warning of the console."""
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def quiet_page(
    browser: Browser, viewport: ViewportSize | None = None, *, dark: bool = False
) -> Iterator[Page]:
    """A page in a session of its own; fails if it asks for anything or complains."""
    context = browser.new_context(
        viewport=viewport or {"width": 1280, "height": 900},
        color_scheme="dark" if dark else "light",
        offline=True,
    )
    page, heard = context.new_page(), Heard()
    page.set_default_timeout(5000)
    page.on("request", heard.asked)
    page.on("console", heard.said)
    page.on("pageerror", lambda error: heard.complaints.append(str(error)))
    yield page
    context.close()
    assert heard.complaints == []
