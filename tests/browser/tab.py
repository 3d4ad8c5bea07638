"""One tab of a browser in which a user has signed in to Airflow."""

import os
import time
from pathlib import Path


class Tab:
    """A browser's tab in which a user has signed in."""

    def __init__(self, chromium, site, user="admin", scheme="light"):
        self.site = site
        self.context = chromium.new_context(color_scheme=scheme, viewport={"width": 1440, "height": 900})
        self.page = self.context.new_page()
        self.page.on("dialog", self._on_dialog)
        self.dialogs = []
        self.page.goto(site)
        self.page.wait_for_selector("input[name=username], :text('Dags')")
        # Where everybody is an administrator nobody signs in.
        if self.page.locator("input[name=username]").count():
            self.page.fill("input[name=username]", user)
            self.page.fill("input[name=password]", user)
            self.page.keyboard.press("Enter")
        self.page.wait_for_selector("text=Dags")

    def _on_dialog(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, query="", wait_for=".aep-page h1"):
        self.page.goto(f"{self.site}/plugin/aep{query}")
        self.page.wait_for_selector(wait_for)

    def names(self):
        return self.page.locator(".aep-name").all_inner_texts()

    def until(self, true):
        deadline = time.monotonic() + 15
        while not true():
            assert time.monotonic() < deadline, self.page.inner_text(".aep-page")
            self.page.wait_for_timeout(100)

    def keep(self, name):
        """Keep a screenshot, if somebody asked for them."""
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.wait_for_timeout(300)
            self.page.screenshot(path=f"{folder}/{name}.png")
