"""Every page of the plugin in a real Discourse, read by axe: light, dark, in forced colours, at a desk, on a phone.

What core itself shows on a neighbouring page is core's; all else that is serious or critical is ours to correct.
Each page is loaded anew by its address, as a reader does who reloads it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.absent import absent
from tests.plugin.browsing import PASSWORD, browser
from tests.plugin.everything import Everything, show_everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.plugin.browsing import Cohort, Page

pytestmark = [pytest.mark.live, pytest.mark.slow]

QUIET_SECONDS = 0.5
SNOOZE = (".lcm-person__snooze", ".lcm-until-modal__preset")
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
const CONTROLS = "a[href], button:not(:disabled), input, select, textarea, summary, [tabindex='0']";
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
STILL = """
const rules = "* { transition: none !important; animation: none !important }";
document.head.append(Object.assign(document.createElement("style"), { textContent: rules }));
"""


@dataclass(frozen=True)
class Place:
    """A page of ours: its address, what stands on it when it is there, core's page beside it, what is done first."""

    name: str
    path: str
    shows: str
    beside: str
    act: Callable[[Page], object] = id
    act_beside: Callable[[Page], object] = id


def click(css: str, then: str) -> Callable[[Page], object]:
    """Click on something, and wait for what that shows."""

    def act(page: Page) -> None:
        page.click(css)
        page.wait_for(then)

    return act


def write(button: str, then: str, field: str, value: str, says: str) -> Callable[[Page], object]:
    """Click on a button, put a value into the field that appears, and wait for what that says."""

    def act(page: Page) -> None:
        click(button, then)(page)
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
        page.driver.execute_script(script, page.wait_for(field), value)
        page.wait_for(says)

    return act


def unfold(page: Page) -> None:
    script = "document.querySelectorAll('.lcm-admin details, .lcm-desk details').forEach((each) => (each.open = true))"
    page.driver.execute_script(script)


@dataclass(frozen=True)
class Person:
    """Somebody with the pages that are theirs."""

    name: str
    password: str
    places: list[Place]


@pytest.fixture(scope="module")
def made(cohort: Cohort) -> Everything:
    return show_everything(cohort)


@pytest.fixture(params=["LCM", "learner", "administrator"])
def person(request: pytest.FixtureRequest, cohort: Cohort, made: Everything) -> Person:
    tag = cohort.forum.tag
    if request.param == "LCM":
        return Person(f"sam_{tag}", PASSWORD, places_of_the_lcm(cohort, made))
    if request.param == "learner":
        return Person(f"ines_{tag}", PASSWORD, places_of_a_learner(cohort, made))
    username, password = request.getfixturevalue("admin")
    return Person(username, password, places_of_an_administrator(cohort, made))


def places_of_the_lcm(cohort: Cohort, made: Everything) -> list[Place]:
    at, members = f"{cohort.desk}?section=", f"/g/lcms_{cohort.forum.tag}/members"
    snooze = click(*SNOOZE)
    dismiss = click(".lcm-person__dismiss", ".lcm-reason-modal__text")
    edit = click(".lcm-draft__edit", ".lcm-draft__raw")
    too_far = write(*SNOOZE, ".lcm-until-modal__date", "2999-01-01", ".lcm-form__problem")
    give = click(".lcm-blocker__choose-owner", ".lcm-owner-modal__list")
    question, badges = f"/t/{cohort.question['topic_id']}", ".lcm-topic-badges"
    return [
        Place("this week", f"{at}week", ".lcm-week__entry--failed", members),
        Place("people", f"{at}people", ".lcm-person--hand", members),
        Place("putting aside", f"{at}people", ".lcm-person--hand", members, snooze),
        Place("too far a day", f"{at}people", ".lcm-person--hand", members, too_far),
        Place("dismissing", f"{at}people", ".lcm-person--hand", members, dismiss),
        Place("drafts", f"{at}drafts", ".lcm-draft--failed", members, unfold),
        Place("editing a draft", f"{at}drafts", ".lcm-draft--failed", members, edit),
        Place("blockers", f"{at}blockers", ".lcm-cards--quiet .lcm-blocker", members),
        Place("giving a blocker", f"{at}blockers", ".lcm-blocker", members, give),
        Place("stories", f"{at}stories", ".lcm-story", members),
        Place("what was done", f"{at}care", ".lcm-section--care .lcm-evidence", members),
        Place("practice", f"{at}practices", ".lcm-practice", members),
        Place("a topic's badges", question, badges, made.plain_topic),
    ]


def places_of_a_learner(cohort: Cohort, made: Everything) -> list[Place]:
    category, message = f"/c/{cohort.category}", f"/t/{cohort.message['topic_id']}"
    choices = f"/u/ines_{cohort.forum.tag}/preferences"
    close = click(".lcm-box__toggle", ".lcm-box__toggle[aria-expanded=false]")
    agree = click(".lcm-consent__yes", ".lcm-consent--yes")
    return [
        Place("the box", category, ".lcm-box__item--assignment", "/latest"),
        Place("the box, closed", category, ".lcm-box", "/latest", close),
        Place("preferences", f"{choices}/lcm", ".lcm-preferences .lcm-consent", f"{choices}/account"),
        Place("being asked", message, ".lcm-topic-consent", made.plain_message),
        Place("having agreed", message, ".lcm-topic-consent", made.plain_message, agree),
    ]


def places_of_an_administrator(cohort: Cohort, made: Everything) -> list[Place]:
    pages, core = "/admin/plugins/discourse-lcm", "/admin/plugins/discourse-lcm/settings"
    card = f'.lcm-admin-cohort[data-cohort="{cohort.key}"]'
    question, menu = f"/t/{cohort.question['topic_id']}", click(".toggle-admin-menu", ".lcm-topic-change-pin")
    core_menu = click(".toggle-admin-menu", ".topic-admin-menu-content button")
    pause, shift = f"{card} .lcm-admin-cohort__pause", f"{card} .lcm-admin-cohort__shift"
    return [
        Place("playbooks", f"{pages}/playbooks", card, core, unfold),
        Place("pausing", f"{pages}/playbooks", card, core, click(pause, ".lcm-until-modal__preset")),
        Place("shifting", f"{pages}/playbooks", card, core, click(shift, ".lcm-shift-modal__days")),
        Place("runs", f"{pages}/runs", ".lcm-runs tbody tr", core),
        Place("a run", f"{pages}/runs/{made.run}", ".lcm-run__preview", core),
        Place("health", f"{pages}/health", ".lcm-health__problems", core),
        Place("settings", core, ".admin-plugin-config-page", "/admin/plugins"),
        Place("a topic's menu", question, ".lcm-topic-badges", made.plain_message, menu, core_menu),
    ]


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
def reader(cohort: Cohort, person: Person, dark_scheme: int, *, on_a_phone: bool) -> Iterator[Page]:
    """A browser of somebody whose device decides between light and dark."""
    with browser(cohort.forum.url) as page:
        if on_a_phone:
            page.send("Emulation.setUserAgentOverride", userAgent=PHONE)
            page.send("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        page.log_in(person.name, person.password)
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
    page.driver.execute_script(STILL)
    sizes = [-1, -2]
    while sizes[-1] != sizes[-2]:
        time.sleep(QUIET_SECONDS)
        sizes.append(page.driver.execute_script("return document.querySelectorAll('*').length"))


def readings(page: Page, axe: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What axe finds on the page that is shown, in each look."""
    page.driver.execute_script(axe)
    for look in LOOKS:
        look_like(page, look)
        for each in page.driver.execute_async_script(READ, is_forced(look)):
            yield look, each


@pytest.mark.parametrize("on_a_phone", [False, True], ids=["at a desk", "on a phone"])
def test_axe_finds_nothing_serious_that_is_ours(
    cohort: Cohort, person: Person, dark_scheme: int, axe: str, on_a_phone: bool
) -> None:
    found: list[str] = []
    cores: dict[str, set[tuple[str, str]]] = {}
    with reader(cohort, person, dark_scheme, on_a_phone=on_a_phone) as page:
        for place in person.places:
            if place.beside not in cores:
                open_place(page, place.beside, "#main-outlet *", place.act_beside)
                cores[place.beside] = {(look, each["kind"]) for look, each in readings(page, axe)}
            open_place(page, place.path, place.shows, place.act)
            found += [
                f"{place.name}, {look}: {each['said']}"
                for look, each in readings(page, axe)
                if each["ours"] or (each["beside_ours"] and (look, each["kind"]) not in cores[place.beside])
            ]
        assert page.errors() == []
    assert not found, "\n".join(found)


def test_who_uses_the_keyboard_sees_where_they_are(cohort: Cohort, person: Person, dark_scheme: int) -> None:
    unmarked: list[str] = []
    with reader(cohort, person, dark_scheme, on_a_phone=False) as page:
        for place in person.places:
            open_place(page, place.path, place.shows, place.act)
            ActionChains(page.driver).send_keys(Keys.TAB).perform()
            for look in LOOKS:
                look_like(page, look)
                unmarked += [
                    f"{place.name}, {look}: {each}" for each in page.driver.execute_script(FOCUS, is_forced(look))
                ]
    assert not unmarked, "\n".join(unmarked)


def test_every_shape_takes_the_colours_that_the_reader_forces(cohort: Cohort, person: Person, dark_scheme: int) -> None:
    painted: list[str] = []
    with reader(cohort, person, dark_scheme, on_a_phone=False) as page:
        look_like(page, "forced colours")
        for place in person.places:
            open_place(page, place.path, place.shows, place.act)
            painted += [f"{place.name}: {each}" for each in page.driver.execute_script(PAINTED)]
    assert not painted, "\n".join(painted)


def test_what_is_chosen_can_be_told_apart_in_forced_colours(cohort: Cohort, made: Everything, dark_scheme: int) -> None:
    assert made
    lcm = Person(f"sam_{cohort.forum.tag}", PASSWORD, [])
    with reader(cohort, lcm, dark_scheme, on_a_phone=False) as page:
        look_like(page, "forced colours")
        open_place(page, f"{cohort.desk}?section=people", ".lcm-person--hand", click(*SNOOZE))
        tab, preset = ".lcm-desk__tab", ".lcm-until-modal__preset"
        pairs = [
            [f"{tab}[aria-selected=true]", f"{tab}[aria-selected=false]"],
            [f"{preset}[aria-pressed=true]", f"{preset}[aria-pressed=false]"],
        ]
        looks = [page.driver.execute_script(MARKS, pair) for pair in pairs]
    assert [chosen != other for chosen, other in looks] == [True, True]
