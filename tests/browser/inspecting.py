"""What is looked at on every page: axe, its width, its heading and title, and that the focus is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Visitor

TABS = 4

FOCUS_FAULT = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "the end";
  const label = at.labels && at.labels[0];
  const parts = [[at, null], [at, "::before"], [at, "::after"], ...(label ? [[label, "::before"]] : [])];
  const looks = () => JSON.stringify(parts.map(([part, pseudo]) => {
    const style = getComputedStyle(part, pseudo);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.backgroundColor, style.borderColor];
  }));
  const box = (label && at.matches("[type=radio], [type=checkbox]") ? label : at).getBoundingClientRect();
  const name = at.outerHTML.slice(0, 120);
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height, 40) / 2];
  if (box.width * box.height < 4 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight)
    return `the focus is out of sight: ${name}`;
  const over = document.elementFromPoint(x, y);
  if (over && !at.contains(over) && !over.contains(at) && !(label && label.contains(over)))
    return `something covers the focus: ${name}`;
  const focused = looks();
  at.blur();
  const plain = looks();
  at.focus({preventScroll: true});
  return focused === plain ? `the focus cannot be seen: ${name}` : null;
}"""


def faults_of(visitor: Visitor, source: str, *, service: str) -> Iterator[str]:
    """What is wrong with the page that a visitor is on, at a desk and on a phone; ``source`` as it was sent."""
    page = visitor.page
    yield from _faults_of_source(source, service)
    yield from faults_of_focus(page, tabs=TABS)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        yield from (f"{size['width']}px: {fault}" for fault in visitor.faults())
    page.set_viewport_size(DESKTOP)
    yield from visitor.broken
    visitor.broken.clear()


def _faults_of_source(source: str, service: str) -> Iterator[str]:
    html = BeautifulSoup(source, "html.parser")
    headings = [" ".join(heading.get_text(" ").split()) for heading in html.find_all("h1")]
    if len(headings) != 1:
        yield f"its first headings are {headings}"
    title = html.title.get_text() if html.title else ""
    if not re.fullmatch(rf".+ – {service}( \w+)?", title):
        yield f"its title is {title!r}"
    if html.find("style") or html.find(style=True):
        yield "a style stands in the page"
    if any(not script.get("src") for script in html.find_all("script")):
        yield "a script stands in the page"
    handlers = {name for tag in html.find_all(True) for name in tag.attrs if name.startswith("on")}
    if handlers:
        yield f"scripts stand in attributes: {handlers}"
    if not html.find("meta", attrs={"name": "viewport"}):
        yield "a phone is not told how wide it is"


def faults_of_focus(page: Page, *, tabs: int) -> Iterator[str]:
    """Tab through the page: where the focus is out of sight, covered, or not to be seen."""
    for _ in range(tabs):
        page.keyboard.press("Tab")
        fault = page.evaluate(FOCUS_FAULT)
        if fault == "the end":
            break
        if fault:
            yield fault
    page.evaluate("document.activeElement.blur()")
