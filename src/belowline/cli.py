"""The command ``belowline``. Exits 0 on success, 1 on failure, 2 on wrong use."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
from cyclopts import App, CycloptsError, Parameter

from belowline import logs
from belowline import settings as settings_module
from belowline.actions import learning
from belowline.actions.importing import ImportReport
from belowline.actions.moving import NotCopied, Sum
from belowline.actions.record import Verdict
from belowline.actions.site import Site
from belowline.app import Application, database_url, open_site
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.rehearsals import Result
from belowline.domain.users import User
from belowline.risk.judge import Judge
from belowline.settings import BadSetting, Settings

app = App(
    name="belowline",
    help="A live, moderated discussion under every story, on a machine of your own.",
    version_flags=["--version"],
)
staff_app = App(name="staff", help="The newsroom's own people.")
app.command(staff_app)
record_app = App(name="record", help="The chained record of decisions.")
app.command(record_app)
sites_app = App(name="sites", help="Several sites that one desk serves.")
app.command(sites_app)
statements_app = App(name="statements", help="Statements of reasons.")
app.command(statements_app)

Folder = Annotated[Path, Parameter(help="The site's folder.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; every failure is one line on standard error."""
    logs.configure("warning")
    try:
        app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        _fail(str(error).strip().splitlines()[0], 2)
    except (BadSetting, NotCopied, Refused, OSError) as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(line: str) -> None:
    """Prints; where that cannot be, on a full disk, there is still something to serve."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


@app.command
def init(directory: Path, /, *, name: str = "My Newspaper") -> None:
    """Make a new site: settings, a first story, an administrator's sign-in link.

    Example: belowline init courier
    """
    if (directory / settings_module.FILE).exists():
        raise BadSetting(f"{directory} is a site already")
    (directory / "stories").mkdir(parents=True, exist_ok=True)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    (directory / settings_module.FILE).write_text(
        f'# Every setting: docs/settings.md\nsite_name = "{quoted}"\n'
        "require_second_factor = true  # staff prove themselves by a password and a code\n",
        encoding="utf-8",
    )
    (directory / "stories" / "welcome.md").write_text(_WELCOME, encoding="utf-8")
    token = _add_staff(directory, "Administrator", "administrator")
    print(f"Made {directory}. Serve it:  belowline serve {directory}")
    print(f"Then sign in once:       {_link(settings_module.load(directory), token)}")


@app.command
def serve(
    directory: Folder = Path(),
    /,
    *,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
    workers: int | None = None,
) -> None:
    """Serve a site. On PostgreSQL --workers processes share the readers.

    Example: belowline serve courier --port 8000
    """
    flags = {"host": host, "port": port, "database": database, "workers": workers}
    settings = settings_module.load(
        directory, {name: value for name, value in flags.items() if value is not None}
    )
    logs.configure(settings.log_level, settings.log_format)
    if settings.workers == 1:
        _serve(settings, directory, lambda url, _: _say(f"Serving on {url}"))
        return
    from belowline import supervisor

    sys.exit(supervisor.serve(settings, directory, lambda url: _say(f"Serving on {url}")))


@app.command
def demo(*, port: int = 8000, host: str = "127.0.0.1") -> None:
    """Serve a throw-away newspaper with stories, lively discussions and a desk.

    Example: belowline demo --port 8080
    """
    from belowline import demo as paper
    from belowline.actions import people
    from belowline.actions.site import utc_now
    from belowline.demo import running

    with tempfile.TemporaryDirectory(prefix="belowline-demo-") as made:
        folder = Path(made)
        running.prepare(folder, utc_now())
        settings = settings_module.load(
            folder,
            {
                "site_name": paper.SITE_NAME,
                "tagline": "News from the river to the ridge",
                "host": host,
                "port": port,
                "workers": 1,
                "posts_per_minute": 30,
                "suspect_words": [
                    *("drunk", "got paid", "we'll see", "selling", "coincidence", "vermin"),
                ],
            },
        )

        async def beside(application: Application) -> None:
            site = application.site
            moderator = await people.staff_member(site, running.MODERATOR, "moderator")
            numbers = await running.plant(site, moderator)
            token = await people.add_staff(site, moderator.name, "moderator")
            key = await people.add_staff(site, running.PUBLISHER, "administrator")
            url = application.address
            print(f"\n  {paper.SITE_NAME}\n", flush=True)
            print(f"  The paper:  {url}", flush=True)
            print(f"  A story:    {url}stories/{running.LEAD_STORY}", flush=True)
            print(f"  The desk:   {url}desk/enter?token={token}   (works once)", flush=True)
            print(f"  All of it:  {url}desk/enter?token={key}   (an administrator)", flush=True)
            print("\n  Everything is thrown away when you stop it with Ctrl+C.\n", flush=True)
            print(f"Serving on {url}", flush=True)
            await running.chatter(site, application.services.presence, numbers)

        _serve(settings, folder, lambda *_: None, beside)


@app.command
def doctor(directory: Folder = Path(), /) -> None:
    """Look at a site's settings, database, permissions, clock, disk and limits; say what to do.

    Example: belowline doctor courier
    """
    from rich.console import Console

    from belowline.doctor import examine

    console = Console(highlight=False, soft_wrap=True)
    colours = {"well": "green", "warning": "yellow", "problem": "red"}
    levels = []
    for found in examine(directory):
        levels.append(found.level)
        said = f"{found.level:<8} {found.about:<9} {found.sentence}"
        console.print(
            said, style=None if found.level == "well" else colours[found.level], markup=False
        )
        if found.advice:
            console.print(f"{'':<18} -> {found.advice}", markup=False)
    sys.exit(1 if "problem" in levels else 0)


@staff_app.command(name="add")
def staff_add(
    name: str,
    /,
    *,
    role: str = "moderator",
    directory: Annotated[Path, Parameter(name="--site")] = Path(),
) -> None:
    """Print a one-time sign-in link for a staff member, who is added when new.

    Example: belowline staff add "Mona Ferreira" --role moderator --site courier
    """
    token = _add_staff(directory, name, role)
    print(_link(settings_module.load(directory), token))


@staff_app.command(name="sites")
def staff_sites(
    name: str,
    /,
    *keys: str,
    directory: Annotated[Path, Parameter(name="--site")] = Path(),
) -> None:
    """Limit a staff member to the sites of these keys; without one they work for all of them.

    Example: belowline staff sites "Lena Okoro" regional --site courier
    """
    from belowline.actions import sites

    with _site(settings_module.load(directory), directory) as site:

        async def limit() -> None:
            member = await sites.member_named(site, name)
            await sites.limit(site, None, member.id, keys)

        asyncio.run(limit())
    print(f"{name} works for {', '.join(keys) or 'all sites'}.")


@sites_app.command(name="list")
def sites_list(directory: Folder = Path(), /) -> None:
    """Print the sites: key, name, addresses.

    Example: belowline sites list courier
    """
    from belowline.actions import sites

    settings = settings_module.load(directory)
    with _site(settings, directory) as site:
        for one in asyncio.run(sites.everyone(site)):
            print(f"{one.key:<20} {one.name or settings.site_name:<30} {' '.join(one.addresses)}")


@sites_app.command(name="add")
def sites_add(
    key: str,
    /,
    *,
    name: str,
    address: tuple[str, ...] = (),
    directory: Annotated[Path, Parameter(name="--site")] = Path(),
) -> None:
    """Make a site. Stories whose pages stand below an --address are its own; repeat it for more.

    Example: belowline sites add regional --name "Courier North" --address https://north.example
    """
    from belowline.actions import sites

    with _site(settings_module.load(directory), directory) as site:
        made = asyncio.run(sites.add(site, None, key, name, address))
    print(f"Made the site {made.key}.")


@sites_app.command(name="change")
def sites_change(
    key: str,
    /,
    *,
    name: str,
    address: tuple[str, ...] = (),
    directory: Annotated[Path, Parameter(name="--site")] = Path(),
) -> None:
    """Give a site another name and other addresses. Stories that are there stay where they are.

    Example: belowline sites change main --name "The Courier" --address https://courier.example
    """
    from belowline.actions import sites

    with _site(settings_module.load(directory), directory) as site:
        asyncio.run(sites.change(site, None, key, name, address))
    print(f"Changed the site {key}.")


@sites_app.command(name="move")
def sites_move(
    *stories: str,
    to: str,
    directory: Annotated[Path, Parameter(name="--site")] = Path(),
) -> None:
    """Make stories, by their keys, a site's, with everything that was written under them.

    Example: belowline sites move the-ferry the-pier --to regional --site courier
    """
    from belowline.actions import sites

    with _site(settings_module.load(directory), directory) as site:
        for story in stories:
            asyncio.run(sites.move(site, None, story, to))
    print(f"Moved {len(stories)} to {to}.")


@record_app.command(name="verify")
def record_verify(directory: Folder = Path(), /, *, anchor: str = "") -> None:
    """Verify every line of the record and name the first one that does not hold.

    --anchor NUMBER:HASH is what an earlier run printed: lines cut off at the end show by it.

    Example: belowline record verify courier
    """
    from belowline.actions import record

    settings = settings_module.load(directory)
    with _site(settings, directory) as site, _progress("Lines") as tell:
        try:
            found = record.verify(site, lambda lines: tell(lines, lines), anchor=anchor)
        except ValueError:
            _fail("an anchor is a number, a colon and 64 hexadecimal digits", 2)
    if found.broken is not None:
        _fail(_words_of(found), 1)
    print(f"{found.lines} lines hold. Keep this elsewhere: {found.anchor}")


def _words_of(found: Verdict) -> str:
    broken = found.broken
    assert broken is not None
    about = ""
    if broken.kind == "act":
        about = f", act {broken.subject}"
    elif broken.kind == "comment":
        about = f" comment {ids.encode(broken.subject)}"
    elif broken.kind:
        about = f", decision {broken.subject}"
        if found.comment is not None:
            about += f" about comment {ids.encode(found.comment)}"
    why = {
        "missing": "is missing",
        "gone": "stands for something that was deleted",
        "changed": "was changed after it was written",
        "words_changed": "stands for a text, author or note that was changed",
        "unsalted": "has lost its salt, but what it stands for has words that could be other ones",
        "status_changed": "is the last about a comment that has another status or reason now",
        "not_sealed": "was put in past the record",
        "unrecorded": "has no line: it was put in past the record",
    }[broken.why]
    if broken.why == "unrecorded":
        return f"the record does not hold:{about} {why}"
    if broken.why == "not_sealed":
        return f"the record does not hold: something{about} {why}"
    return f"the record does not hold: line {broken.number}{about} {why}"


@app.command
def report(
    directory: Folder = Path(),
    /,
    *,
    year: int,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Print a year's numbers: decisions, reasons, measures, appeals, notices of illegal content.

    Example: belowline report courier --year 2026
    """
    from belowline.actions import law

    settings = settings_module.load(directory)
    with _site(settings, directory) as site:
        found = law.report(site, year)
    if json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    for name, value in found.items():
        words = name.replace("_", " ")
        if not isinstance(value, dict):
            print(f"{words:<24} {'not known' if value is None else value:>12}")
            continue
        print(f"{words}:")
        for part, number in sorted(value.items()):
            print(f"  {part.replace('_', ' '):<22} {number:>12}")


@statements_app.command(name="export")
def statements_export(directory: Folder = Path(), /, *, year: int) -> None:
    """Write a year's statements of reasons as JSON Lines, in the schema of the EU's database.

    Version 2 of the schema of the DSA Transparency Database. Nothing is sent anywhere.

    Example: belowline statements export courier --year 2026 > statements.jsonl
    """
    from belowline.actions import law

    settings = settings_module.load(directory)
    with _site(settings, directory) as site:
        for one in law.export(site, year, settings.base_url.rstrip("/")):
            print(msgspec.json.encode(one).decode())


@app.command(name="import")
def import_(
    system: str,
    file: Path,
    /,
    *,
    directory: Annotated[Path, Parameter(name="--site")] = Path(),
    report: Path | None = None,
    to: str = "",
) -> None:
    """Bring in what another system's export holds: disqus, remark42. Safe to repeat.

    New stories are those of the site of the key --to; without it their addresses say whose.

    Example: belowline import disqus export.xml.gz --site courier --report report.json
    """
    from belowline.importers import IMPORTERS
    from belowline.importers import Refused as FileRefused

    if system not in IMPORTERS:
        _fail(f"import knows {', '.join(IMPORTERS)}, not {system!r}", 2)
    try:
        done = _bring_in(directory, system, file, to)
    except FileRefused as refused:
        _fail(f"{file.name}: {refused}", 1)
    if report is not None:
        report.write_bytes(msgspec.json.format(msgspec.json.encode(done)) + b"\n")
    for warned in done.warnings:
        print(f"{warned.place}: {warned.sentence}", file=sys.stderr)
    for skipped in done.skipped:
        print(f"{skipped.place}: {skipped.sentence}", file=sys.stderr)
    print(
        f"{done.comments} comments came in, {done.already} were here already, "
        f"{len(done.skipped)} were skipped; {done.stories} new stories, {done.users} new users."
    )


@app.command
def seed(
    directory: Folder = Path(),
    /,
    *,
    comments: int,
    stories: int | None = None,
    held: float = 0.01,
    number: Annotated[int, Parameter(name="--seed")] = 1,
) -> None:
    """Fill a site with made-up stories and discussions, to try it with as many as you expect.

    Cut off, it goes on where it ended; repeated, it adds nothing; the same --seed gives the same.

    Example: belowline seed courier --comments 1000000
    """
    from belowline.demo import growing

    settings = settings_module.load(directory)
    with _site(settings, directory) as site, _progress("Comments") as tell:
        until = round(site.now().timestamp() * 1000)
        shape = growing.shape_of(number, comments, stories, held, until)
        grown = growing.grow(site, shape, tell)
    print(
        f"{grown.added} comments added; seed {number} has brought {grown.comments} "
        f"in {grown.stories} stories by {grown.readers} readers."
    )


@app.command
def group(*, remember: int = 1_000_000) -> None:
    """Read JSON Lines {"id", "text"} in order of time; write {"id", "group"} for each.

    Near-identical texts share a group, by what the campaign check uses. Answers come as soon as
    no further line waits to be read, so that groups which a later line joins are one where they
    are read together. --remember says how many texts are kept in mind, in about half a kilobyte
    each.

    Example: belowline group < comments.jsonl > groups.jsonl
    """
    from belowline.campaigns.lines import lines_and_pauses
    from belowline.campaigns.memory import Groups

    groups = Groups(remember)
    waiting: list[tuple[str | int, int]] = []

    def answer() -> None:
        lines = [{"id": one, "group": f"g{groups.now(number)}"} for one, number in waiting]
        sys.stdout.buffer.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
        sys.stdout.buffer.flush()
        waiting.clear()

    number = 0
    for line in lines_and_pauses(sys.stdin.fileno()):
        if line is None:
            answer()
            continue
        number += 1
        if line.strip():
            try:
                one = msgspec.json.decode(line, type=_Line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                answer()
                _fail(f"line {number}: {error}", 1)
            waiting.append((one.id, groups.add(one.text)))
    answer()


class _Line(msgspec.Struct):
    id: str | int
    text: str


@app.command
def flood(
    *,
    scenario: str = "raid",
    seeds: int = 5,
    first: int = 1,
    minutes: int = 10,
    strength: float = 1.0,
    talk: float = 4.0,
) -> None:
    """Let an attack or a rush loose on a throw-away site and see what the circuit breaker does.

    --scenario is raid, ramp, spam, pile-on, news or quarrel; each seed from --first on is
    a run of --minutes after half an hour of ordinary talk (--talk comments a minute), on a clock
    that is moved; --strength multiplies how many come. A line of JSON for each, and the sums.

    Example: belowline flood --scenario news --seeds 20
    """
    from belowline.demo.flood import SCENARIOS, run, summed

    if scenario not in SCENARIOS:
        _fail(f"a scenario is one of {', '.join(SCENARIOS)}", 2)
    outcomes = []
    for seed in range(first, first + seeds):
        outcomes.append(run(scenario, seed, minutes, strength, talk))
        print(msgspec.json.encode(outcomes[-1]).decode(), flush=True)
    print(msgspec.json.encode(summed(scenario, outcomes)).decode())


@app.command
def rehearse(
    directory: Folder = Path(),
    /,
    *,
    rules: Path | None = None,
    banned_words: Path | None = None,
    suspect_words: Path | None = None,
    mode: str | None = None,
    days: int = 30,
    report: Path | None = None,
) -> None:
    """Show what a change of the policy would have done to the last days' comments.

    Words are one on a line. What is not given stays as it is; nothing is saved but the --report.

    Example: belowline rehearse courier --suspect-words words.txt --report rehearsal.json
    """
    changes: dict[str, object] = {}
    try:
        if rules is not None:
            changes["rules"] = rules.read_text(encoding="utf-8")
        for name, file in (("banned_words", banned_words), ("suspect_words", suspect_words)):
            if file is not None:
                lines = file.read_text(encoding="utf-8").splitlines()
                changes[name] = tuple(line.strip() for line in lines if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        _fail(str(error), 1)
    if mode is not None:
        changes["mode"] = mode
    try:
        result = asyncio.run(_rehearse(directory, changes, days))
    except Refused as refused:
        _fail(str(refused), 2)
    if report is not None:
        report.write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    print(
        f"{result.comments} comments of the last {days} days: {result.more_held:+d} held, "
        f"{round(result.minutes):+d} minutes at {result.seconds:.0f} s a decision."
    )
    for one in result.languages:
        print(
            f"  {one.language or '?'}: {one.comments}, held {one.held_before} -> {one.held_after}"
        )
    for move in result.moves:
        print(f"{move.before} -> {move.after}: {move.comments} (published {move.published})")
        for example in move.examples:
            print(f"  {example.why}: {' '.join(example.excerpt.split())[:100]}")


async def _rehearse(directory: Path, changes: dict[str, object], days: int) -> Result:
    from belowline.actions import policies, rehearsal

    settings = settings_module.load(directory)
    with _site(settings, directory) as site, _progress("Comments") as tell:
        proposal = policies.sound(msgspec.structs.replace(site.policy, **changes))
        executor = rehearsal.worker()
        done = 0
        try:
            async for part in rehearsal.rehearse(site, executor, proposal, days):
                if isinstance(part, Result):
                    return part
                done += part
                tell(done, 0)
        finally:
            executor.shutdown()
    raise AssertionError("a rehearsal ends with its result")


@app.command
def audit(
    directory: Folder = Path(),
    /,
    *,
    days: int = 30,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Show whether rules and risk model treat the sides of each pair, and each language, alike.

    The pairs stand in the policy at the desk. The words of each are put in each other's place in
    what was written in the last days, and both versions are judged. Nothing is stored.

    Example: belowline audit courier --days 30 > even-hands.md
    """
    from belowline.actions import auditing
    from belowline.render.audits import as_markdown

    settings = settings_module.load(directory)
    with _site(settings, directory) as site, _progress("Comments") as tell:
        found = asyncio.run(auditing.audit(site, days, tell))
    if json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        print(as_markdown(found), end="")


@app.command
def languages(directory: Folder = Path(), /) -> None:
    """Tell the language and script of comments that were written before these were kept.

    Once, after an upgrade; the server may run meanwhile. What is known already is left alone.

    Example: belowline languages courier
    """
    from belowline.actions import tongues

    settings = settings_module.load(directory)
    with _site(settings, directory) as site, _progress("Comments") as tell:
        found = asyncio.run(tongues.tell(site, tell))
    print(f"The language of {found} comments is known now.")


@app.command
def move(directory: Folder = Path(), /, *, to: str) -> None:
    """Copy a site to another, empty database: SQLite to PostgreSQL, or back. Stop it before.

    All of it arrives and is compared with what left, or nothing is kept.

    Example: belowline move courier --to postgresql://user:password@host/name
    """
    from belowline.actions import moving

    settings = settings_module.load(directory)
    target = database_url(msgspec.structs.replace(settings, database=to), directory)
    with _site(settings, directory) as site, _progress("Rows") as tell:
        moved = moving.move(site, target, tell)
    _say_sums(moved)
    print(f'Now set  database = "{to}"  and serve the site again.')


@app.command
def score(*, site: Path | None = None) -> None:
    """Score comments: a line of JSON in, {"id", "text"}, a line of JSON out, {"id", "score"}.

    With --site the site's own lessons count too. A line with "op" teaches a throw-away copy or
    scores many at once; docs/moderation.md has the lines.

    Example: belowline score --site courier < comments.jsonl
    """
    from belowline.risk.lines import answer
    from belowline.risk.model import Unusable

    try:
        judge = Judge() if site is None else _taught(site)
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(answer(judge, line) + b"\n")
            sys.stdout.buffer.flush()
    except Unusable as error:
        _fail(str(error), 1)


@app.command
def lessons(
    directory: Folder = Path(), /, *, forget: int | None = None, restore: int | None = None
) -> None:
    """List who has taught the risk model what it knows; take one person's lessons back.

    --forget takes back all that the user of that number has taught so far, --restore gives it
    back. The decisions themselves stand.

    Example: belowline lessons courier --forget 4711
    """
    for one in _lessons(directory, forget, restore):
        taught = one.taught
        print(
            f"{one.user.id:<20} {one.user.name:<24} {taught.lessons:>6} lessons "
            f"{taught.rejected:>6} rejected  surprise {taught.surprise:.2f}"
        )


@app.command
def backup(file: Path, directory: Folder = Path(), /, *, force: bool = False) -> None:
    """Write everything into one file, while the site may be served. --force replaces the file.

    Example: belowline backup monday.backup courier
    """
    from belowline.actions import moving

    settings = settings_module.load(directory)
    with _site(settings, directory) as site, _progress("Backup") as tell:
        kept = moving.backup(site, file, tell, force=force)
    _say_sums(kept)


@app.command
def restore(file: Path, directory: Folder = Path(), /, *, force: bool = False) -> None:
    """Bring back what a backup holds. --force puts it in place of what is there.

    Example: belowline restore monday.backup courier --force
    """
    from belowline.actions import moving

    settings = settings_module.load(directory)
    with _site(settings, directory) as site, _progress("Rows") as tell:
        brought = moving.restore(site, file, tell, force=force)
    _say_sums(brought)


def _say_sums(sums: Sequence[Sum]) -> None:
    for one in sums:
        print(f"{one.table:<16} {one.rows:>12,} rows  {one.checksum}")


@contextlib.contextmanager
def _site(settings: Settings, folder: Path) -> Iterator[Site]:
    site = open_site(settings, folder)
    try:
        yield site
    finally:
        site.storage.close()


def _lessons(folder: Path, forget: int | None, restore: int | None) -> list[learning.Taught]:
    import asyncio

    with _site(settings_module.load(folder), folder) as site:
        operator = User(id=0, name="", role="administrator", created_at=site.now())
        if forget is not None:
            asyncio.run(learning.take_back(site, None, forget))
        if restore is not None:
            asyncio.run(learning.give_back(site, None, restore))
        return asyncio.run(learning.teachers(site, operator))


def _taught(folder: Path) -> Judge:
    """A copy of what the site in ``folder`` has learned."""
    with _site(settings_module.load(folder), folder) as site:
        site.storage.read_now(lambda connection: learning.catch_up_now(connection, site.judge))
        return site.judge


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Shows how far something has come, on a terminal only: (done, of how many)."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _bring_in(folder: Path, system: str, file: Path, to: str) -> ImportReport:
    import asyncio

    from rich.console import Console
    from rich.progress import Progress

    from belowline.actions import importing
    from belowline.importers import IMPORTERS

    site = open_site(settings_module.load(folder), folder)
    try:
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as shown:
            task = shown.add_task("Comments", total=None)
            return asyncio.run(
                importing.bring_in(
                    site,
                    system,
                    IMPORTERS[system](file),
                    lambda number: shown.advance(task, number),
                    of=to,
                )
            )
    finally:
        site.storage.close()


def _serve(
    settings: Settings,
    folder: Path,
    ready: Callable[[str, Application], None],
    beside: Callable[[Application], Any] | None = None,
) -> None:
    from belowline.server import serve as run

    run(settings, folder, ready=ready, beside=beside)


def _add_staff(folder: Path, name: str, role: str) -> str:
    import asyncio

    from belowline.actions import people

    site = open_site(settings_module.load(folder), folder)
    try:
        return asyncio.run(people.add_staff(site, name, role))
    finally:
        site.storage.close()


def _link(settings: Settings, token: str) -> str:
    base = settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return f"{base}/desk/enter?token={token}"


def _fail(message: str, code: int) -> NoReturn:
    print(f"belowline: {message}", file=sys.stderr)
    sys.exit(code)


_WELCOME = """---
headline: Welcome to your newspaper
date: 2026-01-01
author: The newsroom
tags: [welcome]
summary: This story is a file. Change it and look again.
---

Every story is a Markdown file in the folder `stories`. The discussion is below.
"""
