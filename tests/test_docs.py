"""The documents say what the program does: nothing that people rely on is undocumented."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from cyclopts import App

from belowline.checks import CHECKS, CODES, run
from belowline.checks.context import CheckContext
from belowline.cli import app as command_line
from belowline.domain import events, rulebook
from belowline.domain.bans import Ban
from belowline.domain.comments import STATUSES, Comment
from belowline.domain.decisions import REASONS, REPORT_REASONS
from belowline.domain.errors import SENTENCES, Refused
from belowline.domain.ordering import ORDERS
from belowline.domain.stories import MODES
from belowline.domain.users import PERMISSIONS, ROLES, Thing, User, demand
from belowline.importers import IMPORTERS
from belowline.publication import library
from belowline.render.desk import KEYS
from belowline.settings import Settings
from belowline.web import live
from belowline.web.api import authors, campaigns, handlers, law
from belowline.web.problems import STATUS
from bench.__main__ import NAMES as BENCHMARKS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PACKAGE = ROOT / "src" / "belowline"
WIDGET = ROOT / "widget" / "src"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])

NOW = datetime(2026, 1, 8, 12, tzinfo=UTC)
WINDOW = timedelta(minutes=15)
ADA = 1
BEN = 2


# -- settings and commands -----------------------------------------------------------------


def test_every_setting_has_a_heading_with_its_type_default_and_variable() -> None:
    sections = sections_of(DOCS / "settings.md", 3)
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    assert sorted(code_of(heading) for heading in sections) == sorted(fields)
    for heading, text in sections.items():
        field = fields[code_of(heading)]
        kind = {str: "Text", int: "Number", float: "Number", bool: "Yes or no"}.get(
            field.type, "List"
        )
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        written = msgspec.json.encode(default).decode()
        variable = f"BELOWLINE_{field.name.upper()}"
        assert text.startswith(f"{kind}, default `{written}`, environment `{variable}`"), heading


def test_the_settings_of_the_example_are_settings() -> None:
    (example,) = blocks(DOCS / "settings.md", "toml")
    msgspec.convert(tomllib.loads(example), Settings)


def test_every_command_is_documented() -> None:
    text = read(DOCS / "running.md")
    assert [name for name in commands(command_line) if f"`belowline {name}" not in text] == []


def test_every_importer_and_every_name_of_a_story_is_documented() -> None:
    text = read(DOCS / "running.md")
    wanted = [*IMPORTERS, *library.KNOWN]
    assert [name for name in wanted if f"`{name}`" not in text] == []


# -- the API -------------------------------------------------------------------------------


def test_every_route_of_the_api_is_documented_and_no_other() -> None:
    routes = {
        f"{method} {re.sub('{(?!story)[a-z]+}', '{id}', path.replace(':str', ''))}"
        for handler in [
            *handlers.HANDLERS,
            *authors.HANDLERS,
            *law.HANDLERS,
            *campaigns.HANDLERS,
            *live.HANDLERS,
        ]
        for path in handler.paths
        for method in handler.http_methods
    }
    documented = {code_of(heading) for heading in sections_of(DOCS / "api.md", 3)}
    assert documented == routes


def test_every_refusal_is_documented_with_its_status_and_sentence() -> None:
    rows = {code: rest for code, *rest in table(DOCS / "api.md", "code", "status", "sentence")}
    assert rows == {f"`{code}`": [str(STATUS[code]), said] for code, said in SENTENCES.items()}


def test_every_live_event_is_documented_with_its_fields() -> None:
    sections = sections_of(DOCS / "api.md", 4)
    structs = {one.__struct_config__.tag: one for one in get_args(events.Event)}
    assert sorted(code_of(heading) for heading in sections) == sorted(structs)
    for heading, text in sections.items():
        name = code_of(heading)
        missing = [field for field in structs[name].__struct_fields__ if f"`{field}`" not in text]
        assert missing == [], heading


def test_every_order_is_documented() -> None:
    rows = [code for code, _ in table(DOCS / "api.md", "order", "threads")]
    assert rows == [f"`{name}`" for name in ORDERS]


# -- moderation ----------------------------------------------------------------------------


def test_every_check_has_a_heading_in_its_order() -> None:
    headings = [code_of(heading) for heading in sections_of(DOCS / "moderation.md", 3)]
    assert [name for name in headings if name] == [check.name for check in CHECKS]


def test_every_finding_is_documented_with_its_weight() -> None:
    rows = table(DOCS / "moderation.md", "code", "weight", "found")
    documented = {code.strip("`"): weight for code, weight, _ in rows}
    found = dict(provoked())
    assert sorted(documented) == sorted({*found, *codes_in_the_source()})
    for code, weight in found.items():
        assert weight in re.findall(r"\w+", documented[code]), code


def test_the_rules_know_what_every_check_can_find() -> None:
    assert {code for codes in CODES.values() for code in codes} == codes_in_the_source() | {
        "shouting"
    }
    assert {name for name in CODES if name} == {check.name for check in CHECKS}


def test_the_policy_that_a_site_begins_with_is_printed() -> None:
    printed = blocks(DOCS / "moderation.md", "")
    assert rulebook.DEFAULT in printed


def test_every_mode_and_status_is_documented() -> None:
    modes = [code for code, _ in table(DOCS / "moderation.md", "mode", "a new comment")]
    statuses = [code for code, _ in table(DOCS / "moderation.md", "status", "who sees it")]
    assert modes == [f"`{name}`" for name in MODES]
    assert statuses == [f"`{name}`" for name in STATUSES]


def test_every_reason_is_documented_with_its_words() -> None:
    rows = table(DOCS / "moderation.md", "code", "words")
    reasons = [*REASONS.items(), *REPORT_REASONS.items()]
    assert rows == [[f"`{code}`", words] for code, words in reasons]


def test_every_key_of_the_desk_is_documented() -> None:
    keys = [", ".join(names) for _, keys in KEYS for names, _ in keys if names != ("a", "r")]
    assert [names for names, _ in table(DOCS / "moderation.md", "key", "does")] == keys


def test_the_table_of_permissions_is_true() -> None:
    rows = table(DOCS / "moderation.md", "action", "to", *ROLES)
    assert {action.strip("`") for action, *_ in rows} == set(PERMISSIONS)
    for action, to, *cells in rows:
        said = [answer(role, action.strip("`"), to) for role in ROLES]
        assert cells == said, f"{action} {to}"


# -- the widget ----------------------------------------------------------------------------


def test_every_custom_property_and_event_of_the_widget_is_documented() -> None:
    style = read(WIDGET / "discussion.css")
    scripts = "".join(read(path) for path in WIDGET.glob("*.ts") if "desk" not in path.name)
    names = {
        *re.findall(r"var\((--bl-[a-z-]+)", style),
        *re.findall(r"CustomEvent\(\s*\"([a-z:-]+)\"", scripts),
        *re.findall(r"[\"`](belowline:(?:token|draft:))", scripts),
    }
    text = read(DOCS / "embedding.md")
    assert len(names) > 10
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


# -- the house -----------------------------------------------------------------------------


def test_the_house_names_every_room() -> None:
    (tree, *_) = blocks(DOCS / "house.md", "")
    rooms = [path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name[0] != "_"]
    modules = [path.name for path in PACKAGE.glob("[!_]*.py")]
    named = [line.split()[0] for line in tree.splitlines() if line.strip()]
    wanted = [*(f"{room}/" for room in rooms), *modules]
    assert [name for name in wanted if name not in named] == []


def test_the_house_names_every_file_of_the_domain() -> None:
    (tree, *_) = blocks(DOCS / "house.md", "")
    files = [path.name for path in (PACKAGE / "domain").glob("[!_]*.py")]
    assert [name for name in files if name not in tree] == []


def test_the_layers_of_the_house_are_those_that_are_checked() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    (_, printed, *_) = blocks(DOCS / "house.md", "")
    layers = [re.split(r"\s{3,}", line.strip())[0] for line in printed.strip().splitlines()]
    assert layers == [layer for layer in contract["layers"] if layer != "(__main__)"]


def test_every_decision_is_numbered_and_listed() -> None:
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    house = read(DOCS / "house.md")
    assert [path.name for path in files if f"(decisions/{path.name})" not in house] == []
    for path in files:
        assert read(path).startswith(f"# {int(path.name[:4])}. ")


# -- all of them ---------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", without_blocks(read(page)))
    broken = [link for link in links if not leads_somewhere(page, link)]
    assert broken == []


def test_the_readme_has_the_pictures_and_the_two_commands() -> None:
    readme = read(ROOT / "README.md")
    for name in ("page.png", "desk.webp"):
        assert f"](docs/pictures/{name})" in readme
    (commands_block, *_) = blocks(ROOT / "README.md", "sh")
    assert [line.split("#")[0].strip() for line in commands_block.strip().splitlines()] == [
        "make demo",
        "make test",
    ]


def test_every_picture_is_shown_somewhere_and_small() -> None:
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs/pictures").iterdir()}
    shown = {
        name for page in PAGES for name in re.findall(r"\]\([\w/]*pictures/([^)]+)\)", read(page))
    }
    assert set(pictures) == shown
    assert {name: size for name, size in pictures.items() if size > 150_000} == {}


def test_every_target_that_the_documents_name_is_in_the_makefile() -> None:
    makefile = read(ROOT / "Makefile")
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z]+)", read(page))}
    assert [name for name in sorted(named) if not re.search(rf"^{name}:", makefile, re.M)] == []


def test_the_changelog_is_open() -> None:
    assert "\n## [Unreleased]\n" in read(ROOT / "CHANGELOG.md")


# -- reading documents ---------------------------------------------------------------------


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", read(path), flags=re.M | re.S)
    return [text for name, text in found if name == language]


def sections_of(path: Path, level: int) -> dict[str, str]:
    """Heading of this level -> the text below it, up to the next heading of any level."""
    parts = re.split(r"^(#+) (.+)\n", without_blocks(read(path)), flags=re.M)
    pieces = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return {heading: text.strip() for marks, heading, text in pieces if len(marks) == level}


def code_of(heading: str) -> str:
    found = re.fullmatch(r"`(.+)`", heading)
    return found.group(1) if found else ""


def table(path: Path, *head: str) -> list[list[str]]:
    """The rows of all tables with this head, in their order."""
    lines = read(path).splitlines()
    rows: list[list[str]] = []
    for place, line in enumerate(lines):
        if cells(line) == list(head):
            for row in lines[place + 2 :]:
                if not row.startswith("|"):
                    break
                rows.append(cells(row))
    assert rows, f"{path.name} has no table {head}"
    return rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def leads_somewhere(page: Path, link: str) -> bool:
    if re.match(r"https?://|mailto:", link):
        return True
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target)


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get where it is read."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(read(page)), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# -- reading the program -------------------------------------------------------------------


def commands(application: App, before: str = "") -> Iterator[str]:
    for name in application:
        if name.startswith("-"):
            continue
        inside = [one for one in application[name] if not one.startswith("-")]
        if inside:
            yield from commands(application[name], f"{before}{name} ")
        else:
            yield f"{before}{name}"


def provoked() -> Iterator[tuple[str, str]]:
    """Code and weight of every finding that these comments bring about."""
    for text in (
        "a damn word and a dubious one",
        "https://spam.example/ https://odd.example/",
        "https://paypa\u043b.com/ http://a@b.example/ https://c.example/",
        "said before",
        "ALL OF IT IS WRITTEN IN CAPITALS!!!!!!!!!!!!!!",
        "You are a pathetic little idiot, you stupid moron.",
        "\U0001f600" * 12,
    ):
        for finding in run(CHECKS, context(text)):
            yield finding.code, finding.weight


def context(text: str) -> CheckContext:
    return CheckContext(
        text=text,
        published=0,
        rejected=0,
        recent_texts=("Said before",),
        mode="open",
        language="en",
        is_staff=False,
        is_edit=False,
        banned_words=("damn",),
        suspect_words=("dubious",),
        max_links=1,
        banned_domains=("spam.example",),
        suspect_domains=("odd.example",),
    )


def codes_in_the_source() -> set[str]:
    """What looks like a finding's code in the checks, those that are hard to provoke included."""
    found = set()
    for path in (PACKAGE / "checks").glob("*.py"):
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"\A[a-z]+_[a-z]+\Z", node.value))
    return found


def answer(role: str, action: str, to: str) -> str:
    """The cell of the permission table that the program gives."""
    user = User(id=ADA, name="Ada", role=role, created_at=NOW)
    for kind in ("banned", "muted"):
        if kind in to and role == "reader":
            user = msgspec.structs.replace(user, ban=measure({"banned": "ban"}.get(kind, "mute")))
    try:
        demand(user, action, thing(to))
    except Refused as refused:
        return f"`{refused.code}`"
    return "yes"


def thing(to: str) -> Thing:
    """What the words in the table's second column mean."""
    mode = "closed" if "closed" in to else "open"
    if to.startswith(("a reader", "staff")):
        role = "reader" if to.startswith("a reader") else "moderator"
        about = User(id=BEN, name="Ben", role=role, created_at=NOW)
        return Thing(user=about, length=None if "without an end" in to else timedelta(days=30))
    if "comment" not in to or to == "any comment":
        return Thing(mode=mode)
    status = "published"
    for word, meant in (("rejected", "rejected"), ("deleted", "withdrawn"), ("not pub", "held")):
        if word in to:
            status = meant
    author = ADA if "one's own" in to else BEN
    now = NOW + WINDOW * (2 if "too late" in to else 1)
    return Thing(comment=comment(author, status), mode=mode, edit_window=WINDOW, now=now)


def measure(kind: str) -> Ban:
    return Ban(
        user=ADA,
        kind=kind,
        reason="spam",
        note="",
        until=None,
        by_address=False,
        actor=BEN,
        actor_name="Ben",
        created_at=NOW,
    )


def comment(author: int, status: str) -> Comment:
    return Comment(
        id=1,
        story=1,
        parent=None,
        root=1,
        depth=0,
        author=author,
        author_name="",
        author_role="reader",
        text="The ferry was never late.",
        status=status,
        reason="",
        revision=1,
        created_at=NOW,
        edited_at=None,
        recommendations=0,
        below=0,
    )


def test_every_benchmark_is_explained_and_has_its_place() -> None:
    text = (DOCS / "performance.md").read_text(encoding="utf-8")
    for name in BENCHMARKS:
        assert f"| `{name}` |" in text
        assert f"<!-- {name} -->\n" in text
        assert f"<!-- end {name} -->\n" in text
