"""The command ``gongkai``. Reads the clock and the environment; everything behind it gets them as parameters."""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from dagster_project.desk_command import desk
from dagster_project.errors import GongkaiError, UsageError
from dagster_project.home import VARIABLE, Home
from exports.push.errors import PushError, PushUsageError
from quality.desk.errors import DeskError, DeskUsageError

app = App(name="gongkai", help="公开：公共资源交易信息公开数仓。Disclosure warehouse for public-resource transactions.", version_flags=["--version"])

#: As a shell says of a command that wrote to a closed pipe (128 + SIGPIPE).
_NO_READER = 141

HomeOption = Annotated[Path | None, Parameter(name="--home", env_var=VARIABLE, help="主目录 home folder [default: ./gongkai-home]")]


@app.command
def run(
    *,
    deliveries: Path | None = None,
    as_of: str | None = None,
    known_at: str | None = None,
    home: HomeOption = None,
    wait: float = 0,
    verbose: bool = False,
) -> int:
    """全流程：入库、建模、审核、发布。Load, model, audit and publish.

    Exit codes: 0 published, or nothing new; 1 failed; 2 bad usage; 3 audited and not published.

    Parameters
    ----------
    deliveries
        Folder of the delivery; without it the inbox when it holds files, else the bundled example city.
    as_of
        The day whose truth is told, YYYY-MM-DD; without it the one stated in delivery.toml, else today in Beijing.
    known_at
        The day up to which versions of records are read; without it the same day: what was known then. A later day tells what we know of it now.
    wait
        Seconds to wait for another run that is writing.
    verbose
        Show everything that Dagster and dbt say.
    """
    if deliveries is not None and not deliveries.is_dir():
        raise UsageError(f"{deliveries}: no such folder; name the folder of a delivery with --deliveries")
    from dagster_project.intake import read_date
    from dagster_project.run import run_whole_way

    return run_whole_way(
        Home.at(home),
        deliveries=deliveries.absolute() if deliveries else None,
        as_of=read_date(as_of) if as_of else None,
        known_at=read_date(known_at) if known_at else None,
        wait_seconds=wait,
        verbose=verbose,
    )


@app.command
def simulate(*, out: Path, city: str | None = None, sections: int | None = None, seed: int = 1) -> int:
    """写出模拟交付。Write a simulated delivery: a published city's year, or a city of any size.

    Parameters
    ----------
    out
        Folder to write; it must be missing or empty.
    city
        Name of a published city, for example xianning-2017.
    sections
        Number of sections of a made-up city.
    seed
        The same number makes the same city.
    """
    if (city is None) == (sections is None):
        raise UsageError("say either --city NAME or --sections N")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: not empty; name a new folder with --out")
    from sources.simulated import simulate_city, simulate_sections

    if city is not None:
        simulate_city(city, out)
    elif sections is not None:
        simulate_sections(sections, seed, out)
    sys.stdout.write(f"{out}\n")
    return 0


@app.command
def ui(*, port: int = 3000, home: HomeOption = None) -> int:
    """Dagster 界面（仅本机）。The Dagster UI on loopback; a run started there publishes as `gongkai run` does.

    Parameters
    ----------
    port
        Port on 127.0.0.1.
    """
    from dagster_project.ui import serve

    return serve(Home.at(home), port)


@app.command
def dashboard(
    *,
    port: int | None = None,
    host: str | None = None,
    public_name: str | None = None,
    add_user: str | None = None,
    role: Literal["viewer", "reviewer", "administrator"] = "viewer",
    region: tuple[str, ...] = (),
    remove_user: str | None = None,
    list_users: Annotated[bool, Parameter(name="--list-users", negative="")] = False,
    home: HomeOption = None,
) -> int:
    """看板与质量工作台（需登录）。The live dashboards and the quality desk, behind a sign-in; or the accounts that may sign in.

    Parameters
    ----------
    port
        Port to listen on; without it 8400.
    host
        Address to listen on; without it 127.0.0.1, which only this machine can reach.
    public_name
        Name under which a proxy on this machine, which speaks TLS, is reached; cookies are then for TLS alone.
    add_user
        Make this account, or give it another role and password, and end its sessions; the password is asked for, or read from standard input.
    role
        With --add-user: viewer sees, reviewer acts on the findings of their counties, administrator on all.
    region
        With --add-user and the role reviewer: code of a county, once for each; 421200 stands for all of the city.
    remove_user
        Take this account away.
    list_users
        List the accounts.
    """
    if sum((add_user is not None, remove_user is not None, list_users)) > 1:
        raise UsageError("say one of --add-user, --remove-user and --list-users")
    from dagster_project import dashboard as live

    place = Home.at(home)
    if add_user is not None:
        return live.add_user(place, add_user, role, region)
    if remove_user is not None:
        return live.remove_user(place, remove_user)
    return live.list_users(place) if list_users else live.serve(place, host or live.HOST, port or live.PORT, public_name)


@app.command
def doctor(*, home: HomeOption = None) -> int:
    """体检：缺什么、怎么补。Name what is missing and the fix; exit 1 when a run would fail."""
    from dagster_project.doctor import examine

    return examine(Home.at(home))


@app.command
def prune(*, keep: int, dry_run: bool = False, home: HomeOption = None) -> int:
    """清理：删除旧快照，保留当前的和最近发布的若干份。Remove old snapshots; the current one and the last ones stay.

    Parameters
    ----------
    keep
        How many of the snapshots published last are kept.
    dry_run
        Say what would be removed; nothing is.
    """
    from dagster_project import pruning

    return pruning.prune(Home.at(home), keep, dry_run=dry_run)


@app.command
def explain(
    obligation_id: str | None = None,
    *,
    rate: tuple[str, str] | None = None,
    against: str | None = None,
    measure: str = "timeliness",
    home: HomeOption = None,
) -> int:
    """说明：一件为何如此判定，或一个率为何变动。Say why one obligation was judged so, or why a rate moved.

    Parameters
    ----------
    obligation_id
        Number of an obligation of the published snapshot.
    rate
        A region (code or name) and a period (2017, 2017Q2, 2017-05) whose rate is compared.
    against
        The period compared with; without it the one before.
    measure
        timeliness or disclosure.
    """
    if (obligation_id is None) == (rate is None):
        raise UsageError("say either an OBLIGATION_ID or --rate REGION PERIOD")
    from dagster_project import questions

    place = Home.at(home).path
    if rate is not None:
        return questions.explain_rate(place, *rate, against, measure)
    return questions.explain_one(place, obligation_id or "")


@app.command
def whatif(*, rules: Path | None = None, threshold: int | None = None, out: Path | None = None, home: HomeOption = None) -> int:
    """试算：规则、节假日或达标线若不同，哪些判定会变。Say which verdicts flip under other rules, holidays or another threshold; nothing is changed.

    Parameters
    ----------
    rules
        TOML with [[rule]], [[calendar]] and threshold, or CSV with the columns of the rule book.
    threshold
        Per cent that a region must reach; without it that of the file, else 98.
    out
        CSV file to write, a line per verdict that flips.
    """
    if rules is None and threshold is None:
        raise UsageError("say what is to be another: --rules FILE or --threshold N")
    from dagster_project import questions

    return questions.what_if(Home.at(home).path, rules, threshold, out)


@app.command
def forecast(*, days: int = 5, out: Path | None = None, home: HomeOption = None) -> int:
    """预告：今后数个工作日内到期而尚未办理的。List what falls due in the next working days, by region and rule.

    Parameters
    ----------
    days
        Working days after the day of the snapshot.
    out
        CSV file to write, a line per region, office, rule and day.
    """
    from dagster_project import questions

    return questions.forecast(Home.at(home).path, days, out)


@app.command
def push(
    *,
    to: str | None = None,
    format: Literal["xml", "json"] = "xml",
    dry_run: bool = False,
    packages_only: Path | None = None,
    status: bool = False,
    reconcile: bool = False,
    adopt: bool = False,
    home: HomeOption = None,
) -> int:
    """推送：把已发布快照中应报省的记录送到省平台。Push what the published snapshot has for the province; safe to repeat.

    Exit codes: 0 the province has all it should; 1 failed, nothing is lost; 2 bad usage; 3 some records stay behind, or differ.

    Parameters
    ----------
    to
        Address of the province, http://…, https://… or sftp://user@host/folder; without it GONGKAI_PUSH_URL.
    format
        Form of the packages: xml or json.
    dry_run
        Say what would be sent; nothing leaves.
    packages_only
        Write the packages of everything, with their schemas, into this folder; nothing leaves.
    status
        Say how the outbox stands.
    reconcile
        Compare with what the province says it has.
    adopt
        Take over what the province has already into an outbox that was lost; nothing leaves.
    """
    if sum([dry_run, packages_only is not None, status, reconcile, adopt]) > 1:
        raise UsageError("say one of --dry-run, --packages-only, --status, --reconcile and --adopt")
    from dagster_project import pushing

    place = Home.at(home)
    if dry_run:
        return pushing.dry_run(place)
    if packages_only is not None:
        return pushing.write_to(place, packages_only, format)
    if status:
        return pushing.show_status(place)
    if adopt:
        return pushing.take_over_from(place, to)
    return pushing.reconcile_with(place, to) if reconcile else pushing.push_snapshot(place, to, format)


@app.command
def province(
    *,
    store: Path = Path("province.sqlite"),
    port: int = 8750,
    failing: float = 0,
    losing: float = 0,
    partial: float = 0,
    refusing: float = 0,
    slow: float = 0,
    seed: int = 1,
) -> int:
    """省平台（演示）：在本机接收推送，按接收规则校验。A provincial endpoint on loopback for demonstrations; it can be told to behave badly.

    Parameters
    ----------
    store
        File in which it keeps what it accepted.
    port
        Port on 127.0.0.1.
    failing
        Share of calls that fail with a server error.
    losing
        Share of calls whose reply is lost after everything was done.
    partial
        Share of packages of which only the first half is processed.
    refusing
        Share of records that are refused.
    slow
        Seconds before every answer.
    seed
        The same number makes the same faults.
    """
    if not all(0 <= share <= 1 for share in (failing, losing, partial, refusing)):
        raise UsageError("--failing, --losing, --partial and --refusing are shares between 0 and 1")
    from dagster_project import pushing

    return pushing.run_province(store, port, failing=failing, losing=losing, partial=partial, refusing=refusing, slow_seconds=slow, seed=seed)


@app.command
def issue(
    *,
    period: str | None = None,
    again: str | None = None,
    differences: str | None = None,
    edition: int | None = None,
    list_all: Annotated[bool, Parameter(name="--list", negative="")] = False,
    home: HomeOption = None,
) -> int:
    """发布期间报表：冻结一个期间的数，后来的更正只列为差异。Freeze a period's numbers as published; later corrections are listed as differences.

    Parameters
    ----------
    period
        The period to issue from the published snapshot: 2017, 2017Q4 or 2017-12.
    again
        Why a period that was issued is issued once more, as a new edition.
    differences
        A period whose statement is compared with the published snapshot, obligation by obligation.
    edition
        With --differences: an earlier edition, compared with the one after it.
    list_all
        List every edition that was issued.
    """
    if sum((period is not None, differences is not None, list_all)) != 1:
        raise UsageError("say one of --period PERIOD, --differences PERIOD, --list")
    if (again is not None and period is None) or (edition is not None and differences is None):
        raise UsageError("--again goes with --period, --edition with --differences")
    from dagster_project import questions

    place = Home.at(home).path
    if period is not None:
        return questions.issue_period(place, period, again)
    if differences is not None:
        return questions.issued_differences(place, differences, edition)
    return questions.issued_list(place)


@app.command
def export(
    name: str | None = None,
    *,
    out: Path | None = None,
    year: int | None = None,
    quarter: int | None = None,
    month: int | None = None,
    home: HomeOption = None,
) -> int:
    """导出：由已发布快照生成统计表、年报、月报、通报、登记簿等文件。Write documents from the published snapshot; without a name, list them.

    Parameters
    ----------
    name
        Which document, or all.
    out
        Folder to write into; its documents.html links every file to its snapshot.
    year
        The year; without it the last one that the snapshot covers to its end.
    quarter
        1 to 4, for documents that are made of quarters.
    month
        1 to 12, for documents that are made of months.
    """
    from dagster_project import exporting

    if name is None:
        return exporting.list_documents()
    if out is None:
        raise UsageError("say where to write: --out DIR")
    if quarter is not None and month is not None:
        raise UsageError("say --quarter or --month, not both")
    if not (1 <= (month or 1) <= 12 and 1 <= (quarter or 1) <= 4 and 1949 <= (year or 1949) <= 2100):
        raise UsageError("--month is 1 to 12, --quarter 1 to 4, --year 1949 to 2100")
    from exports.documents.writing import Asked

    return exporting.export(Home.at(home).path, name, out, Asked(year, quarter, month))


@app.command
def check_report(file: Path, *, year: int, source: str | None = None, home: HomeOption = None) -> int:
    """核对报告：别人写的报告中每个数字，与记录相符、差多少，或无从计算。Hold the figures of a report against the records of the published snapshot.

    Exit codes: 0 nothing differs; 2 bad usage; 3 a figure differs.

    Parameters
    ----------
    file
        CSV with the columns indicator and value, and if known operator (=, >=, <=, <), unit and phrase (the words it stands in).
    year
        The year that the report tells of.
    source
        Whose report it is, where several sources cover the year.
    """
    from dagster_project import exporting

    return exporting.check_report(Home.at(home).path, file, year, source)


app.command(desk)


def main() -> None:
    """Entry of the command; every error that a person can act on is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal whose locale lacks a character shows a question mark.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    code = call(sys.argv[1:])
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Great Expectations keeps DuckDB's objects to the very end, where their library complains about it on the screen: leave without that.
    os._exit(code)


def call(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        answer = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        return int(answer or 0)
    except CycloptsError as error:
        return _refuse(" ".join(str(error).split()) + " (gongkai --help)", 2)
    except (GongkaiError, PushError, DeskError) as error:
        return _refuse(str(error), 2 if isinstance(error, UsageError | PushUsageError | DeskUsageError) else 1)
    except BrokenPipeError:
        # Whoever read has seen enough (`| head`).
        return _NO_READER
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        return _refuse(
            f"{error.filename or 'a file'}: {error.strerror}; see that the folder is there, may be written to and has room, or name another", 1
        )
    except KeyboardInterrupt:
        return _refuse("interrupted; nothing was published by this run, and running it again is safe", 1)


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"gongkai: {message}\n")
    return code
