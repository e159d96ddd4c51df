"""The page of a policy in a browser: readable on a desk and a phone, nothing from a network."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize

from tests.browser.chromium import chromium, quiet_page
from tests.risk.policy.policies import EXAMPLE
from tradeline.risk.policy.reading import read_policy_file
from tradeline.risk.policy.shown import policy_page, show

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.mark.parametrize(("viewport", "dark"), [(DESK, False), (PHONE, True)])
def test_everybody_can_read_a_policy(viewport: ViewportSize, dark: bool, tmp_path: Path) -> None:
    path = tmp_path / "policy.html"
    path.write_text(policy_page(show(read_policy_file(EXAMPLE))), encoding="utf-8")
    with chromium() as browser, quiet_page(browser, viewport, dark=dark) as page:
        page.goto(path.as_uri())
        assert page.get_by_role("row", name="E2").count() == 1
        violations = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
