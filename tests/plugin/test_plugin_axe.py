"""Every page of the plugin in a real Discourse, read by axe: light, dark, in forced colours, at a desk, on a phone.

What core itself shows on a neighbouring page is core's; all else that is serious or critical is ours to correct.
Each page is loaded anew by its address, as a reader does who reloads it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.absent import absent
from tests.plugin.browsing import PASSWORD, browser
from tests.plugin.everything import Everything, show_everything
from tests.plugin.places import SNOOZE, Place, click, places_of_a_learner, places_of_an_administrator, places_of_the_lcm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.plugin.browsing import Cohort, Page

pytestmark = [pytest.mark.live, pytest.mark.slow]

QUIET_SECONDS = 0.5
OK = 200
MOST_LINKS = 25  # of a page: a list of a year's runs has hundreds that are alike
AXE = Path(__file__).parents[2] / "discourse_plugin/node_modules/axe-core/axe.min.js"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
LOOKS = {
    "light": {"prefers-color-scheme": "light", "forced-colors": "none"},
    "dark": {"prefers-color-scheme": "dark", "forced-colors": "none"},
    "forced colours": {"prefers-color-scheme": "dark", "forced-colors": "active"},
}
# What shows our words in core's own markup and style is compared with what core shows there of itself.
OURS = """
const OURS = ':is([class^="lcm-"], [class*=" lcm-"]):not(html, body)';
const CORES = [".nav-pills", ".sidebar-wrapper", ".fk-d-menu", ".d-modal__header"];
const isOurs = (element) => Boolean(element.closest(OURS)) && !element.closest(CORES.join());
const told = (element) => element.outerHTML.replace(/\\s+/g, " ").slice(0, 200);
"""
# Chromium forces colours as it paints: a script is told the author's. Only a colour of the system stays what it is.
SYSTEM = """
const probe = document.body.appendChild(document.createElement("i"));
const colourOf = (name) => { probe.style.color = name; return getComputedStyle(probe).color; };
const NAMES = ["Canvas", "CanvasText", "ButtonText", "LinkText", "GrayText", "Highlight", "HighlightText"];
const SYSTEM = NAMES.map(colourOf);
probe.remove();
"""
READ = f"""
const [forced, done] = arguments;
{OURS}
const kind = (element) => [element.localName, CORES.find((css) => element.closest(css))].join(" in ");
const off = {{ enabled: false }};
const rules = forced ? {{ "color-contrast": off, "link-in-text-block": off }} : {{}};
axe.run(document, {{ resultTypes: ["violations"], elementRef: true, rules }}).then(({{ violations }}) =>
  done(
    violations
      .filter(({{ impact }}) => ["serious", "critical"].includes(impact))
      .flatMap(({{ id, nodes }}) =>
        nodes.map(({{ element, failureSummary }}) => ({{
          ours: isOurs(element),
          beside_ours: Boolean(element.closest(OURS) ?? element.querySelector(OURS)),
          kind: `${{id}} at ${{kind(element)}}`,
          said: `${{id}}: ${{told(element)}} ${{failureSummary.replace(/\\s+/g, " ").slice(0, 300)}}`,
        }}))
      )
  )
);
"""
# In forced colours only an outline, a line and the colour of an icon can mark the control that has the focus.
FOCUS = f"""
const [forced] = arguments;
{OURS}
const CONTROLS = "a[href], :is(button, input, select, textarea):not(:disabled), summary, [tabindex='0']";
const look = (element) =>
  [element, ...element.querySelectorAll("*")].map((each) => {{
    const style = getComputedStyle(each);
    const outline = style.outlineStyle === "none" ? "" : [style.outlineStyle, style.outlineWidth, style.outlineColor];
    const icon = each.localName === "svg" ? style.color : "";
    const colours = forced ? "" : [style.boxShadow, style.borderColor, style.backgroundColor, style.color];
    return [outline, icon, style.textDecorationLine, colours];
  }});
const unmarked = [];
for (const element of document.querySelectorAll(CONTROLS)) {{
  if (!isOurs(element) || !element.checkVisibility()) continue;
  element.blur();
  const before = JSON.stringify(look(element));
  element.focus();
  if (!element.matches(":focus-visible") || JSON.stringify(look(element)) === before) unmarked.push(told(element));
}}
return unmarked;
"""
PAINTED = f"""
{OURS}
{SYSTEM}
return [...document.querySelectorAll("svg, svg *")]
  .filter((shape) => isOurs(shape) && shape.checkVisibility())
  .filter((shape) => {{
    const {{ color, fill }} = getComputedStyle(shape);
    const inherited = color === getComputedStyle(shape.parentElement).color;
    return !(inherited || SYSTEM.includes(color)) || !["none", color, ...SYSTEM].includes(fill);
  }})
  .map(told);
"""
MARKS = f"""
{SYSTEM}
const forced = (colour) => (SYSTEM.includes(colour) ? colour : "the system's usual");
return arguments[0].map((css) => {{
  const {{ borderBottomColor, backgroundColor }} = getComputedStyle(document.querySelector(css));
  return [forced(borderBottomColor), forced(backgroundColor)];
}});
"""
LINKS = f"""
const done = arguments[0];
{OURS}
const links = [...document.querySelectorAll("a[href]")].filter(isOurs).map(({{ href }}) => href.split("#")[0]);
const check = async (href) => {{
  const {{ status }} = await fetch(href, {{ headers: {{ Accept: "text/html" }} }});
  return [href, status];
}};
Promise.all([...new Set(links)].slice(0, {MOST_LINKS}).map(check)).then(done);
"""
STILL = """
const rules = "* { transition: none !important; animation: none !important }";
document.head.append(Object.assign(document.createElement("style"), { textContent: rules }));
"""


@dataclass
class Reading:
    """What was found on all pages of a person, in each look.

    Attributes:
        found: what axe calls serious or critical, and is not core's.
        unmarked: controls that look the same with the focus and without it.
        painted: icons and shapes that keep their own colours where the reader forces theirs.
        reached: the links, with the status of what they lead to.
        complaints: of the plugin's script.

    """

    found: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    painted: list[str] = field(default_factory=list)
    reached: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def made(cohort: Cohort) -> Everything:
    return show_everything(cohort)


READERS = [(who, device) for who in ("LCM", "learner", "administrator") for device in ("desk", "phone")]


@pytest.fixture(scope="module", params=READERS, ids=" on a ".join)
def reading(request: pytest.FixtureRequest, cohort: Cohort, made: Everything, dark_scheme: int, axe: str) -> Reading:
    """All pages of a person, read once on one device."""
    who, device = request.param
    tag, password = cohort.forum.tag, PASSWORD
    if who == "LCM":
        name, places = f"sam_{tag}", places_of_the_lcm(cohort, made)
    elif who == "learner":
        name, places = f"ines_{tag}", places_of_a_learner(cohort, made)
    else:
        name, password = request.getfixturevalue("admin")
        places = places_of_an_administrator(cohort, made)
    with reader(cohort, (name, password), dark_scheme, on_a_phone=device == "phone") as page:
        return read_places(page, places, axe)


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        absent("axe-core is not installed: make lint-plugin installs it")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def dark_scheme(cohort: Cohort) -> Iterator[int]:
    """Core's own dark colours, as a scheme that a reader may choose."""
    scheme = {"name": f"Dark {cohort.forum.tag}", "base_scheme_id": "Dark", "colors": []}
    made = cohort.forum.call("POST", "/admin/color_schemes.json", {"color_scheme": scheme})
    yield int(made["id"])
    cohort.forum.call("DELETE", f"/admin/color_schemes/{made['id']}.json")


@contextmanager
def reader(cohort: Cohort, account: tuple[str, str], dark_scheme: int, *, on_a_phone: bool) -> Iterator[Page]:
    """A browser of somebody whose device decides between light and dark."""
    with browser(cohort.forum.url) as page:
        if on_a_phone:
            page.send("Emulation.setUserAgentOverride", userAgent=PHONE)
            page.send("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        page.log_in(*account)
        page.driver.add_cookie({"name": "dark_scheme_id", "value": str(dark_scheme), "path": "/"})
        yield page


def is_forced(look: str) -> bool:
    return LOOKS[look]["forced-colors"] == "active"


def look_like(page: Page, look: str) -> None:
    features = {**LOOKS[look], "prefers-reduced-motion": "reduce"}
    wanted = [{"name": name, "value": value} for name, value in features.items()]
    page.send("Emulation.setEmulatedMedia", features=wanted)


def open_place(page: Page, path: str, shows: str, act: Callable[[Page], object]) -> None:
    """Load a page anew and wait until nothing more appears on it."""
    page.open(path)
    page.wait_for(shows)
    act(page)
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)  # what is pointed at looks focused
    page.driver.execute_script(STILL)
    sizes = [-1, -2]
    while sizes[-1] != sizes[-2]:
        time.sleep(QUIET_SECONDS)
        sizes.append(page.driver.execute_script("return document.querySelectorAll('*').length"))


def violations(page: Page, look: str) -> list[dict[str, Any]]:
    """What axe finds on the page that is shown."""
    return page.driver.execute_async_script(READ, is_forced(look))


def read_places(page: Page, places: list[Place], axe: str) -> Reading:
    reading = Reading()
    cores: dict[str, set[tuple[str, str]]] = {}
    for place in places:
        if place.beside not in cores:
            open_place(page, place.beside, "#main-outlet *", place.act_beside)
            cores[place.beside] = kinds_of_core(page, axe)
        open_place(page, place.path, place.shows, place.act)
        page.driver.execute_script(axe)
        reading.reached |= dict(page.driver.execute_async_script(LINKS))
        ActionChains(page.driver).send_keys(Keys.TAB).perform()
        for look in LOOKS:
            look_like(page, look)
            where = f"{place.name}, {look}"
            reading.found += [
                f"{where}: {each['said']}"
                for each in violations(page, look)
                if each["ours"] or (each["beside_ours"] and (look, each["kind"]) not in cores[place.beside])
            ]
            reading.unmarked += [f"{where}: {each}" for each in page.driver.execute_script(FOCUS, is_forced(look))]
            if is_forced(look):
                reading.painted += [f"{where}: {each}" for each in page.driver.execute_script(PAINTED)]
    reading.complaints += page.errors()
    return reading


def kinds_of_core(page: Page, axe: str) -> set[tuple[str, str]]:
    """The kinds of violations on a page of core, with the look in which each is there."""
    page.driver.execute_script(axe)
    kinds = set()
    for look in LOOKS:
        look_like(page, look)
        kinds |= {(look, each["kind"]) for each in violations(page, look)}
    return kinds


def test_axe_finds_nothing_serious_that_is_ours(reading: Reading) -> None:
    assert not reading.found, "\n".join(reading.found)
    assert reading.complaints == []


def test_who_uses_the_keyboard_sees_where_they_are(reading: Reading) -> None:
    assert not reading.unmarked, "\n".join(reading.unmarked)


def test_every_shape_takes_the_colours_that_the_reader_forces(reading: Reading) -> None:
    assert not reading.painted, "\n".join(reading.painted)


def test_every_link_leads_to_a_page_of_this_forum(cohort: Cohort, reading: Reading) -> None:
    assert reading.reached
    root = cohort.forum.url + "/"
    assert {url: status for url, status in reading.reached.items() if status != OK or not url.startswith(root)} == {}


def test_what_is_chosen_can_be_told_apart_in_forced_colours(cohort: Cohort, made: Everything, dark_scheme: int) -> None:
    assert made
    with reader(cohort, (f"sam_{cohort.forum.tag}", PASSWORD), dark_scheme, on_a_phone=False) as page:
        look_like(page, "forced colours")
        open_place(page, f"{cohort.desk}?section=people", ".lcm-person--hand", click(*SNOOZE))
        tab, preset = ".lcm-desk__tab", ".lcm-until-modal__preset"
        pairs = [
            [f"{tab}[aria-selected=true]", f"{tab}[aria-selected=false]"],
            [f"{preset}[aria-pressed=true]", f"{preset}[aria-pressed=false]"],
        ]
        looks = [page.driver.execute_script(MARKS, pair) for pair in pairs]
    assert [chosen != other for chosen, other in looks] == [True, True]
