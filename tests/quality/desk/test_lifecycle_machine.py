"""The lifecycle against a plain model: whatever happens in whatever order, log, tables and queue say what a dictionary says."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from followed import CHECKS, FIRST_DAY, Days, Finding, finding_id
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from quality.desk.errors import ActionRefused
from quality.desk.lifecycle import Actor
from quality.desk.queue import Filters

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]
FINDINGS: list[Finding] = [(check, str(number), "column", region) for number, region in enumerate(("421202", "421221")) for check in CHECKS]
BOSS, REVIEWER, VIEWER = Actor("主任", "administrator"), Actor("审核", "reviewer", ("421202",)), Actor("查阅", "viewer")
#: The table of the lifecycle once more, in another form: from, action, to.
MOVES = {
    "assign": ({"open", "assigned", "corrected", "disputed"}, "assigned"),
    "correct": ({"open", "assigned", "disputed"}, "corrected"),
    "dispute": ({"open", "assigned", "corrected"}, "disputed"),
    "accept": ({"open", "assigned", "corrected", "disputed", "accepted"}, "accepted"),
    "reopen": ({"assigned", "corrected", "disputed", "accepted"}, "open"),
    "note": ({"open", "assigned", "corrected", "disputed", "accepted", "closed"}, None),
}
ONLY_BOSS = {"accept", "reopen"}


@dataclass
class Model:
    """What is known of one finding."""

    region: str
    check: str
    state: str = "open"
    assignee: str | None = None
    until: date | None = None
    opened: int = 1
    first_seen: date = FIRST_DAY
    closed_on: date | None = None
    history: list[str] = field(default_factory=lambda: ["opened"])

    def state_on(self, day: date) -> str:
        return "open" if self.state == "accepted" and self.until is not None and self.until < day else self.state


class Desk(RuleBasedStateMachine):
    """Audits find some of four findings, people act on them, days pass."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.days = Days(Path(self.folder.name))
        self.today = FIRST_DAY
        self.model: dict[str, Model] = {}
        self.queue = None

    def teardown(self) -> None:
        if self.queue:
            self.queue.close()
        self.folder.cleanup()

    @initialize(found=st.sets(st.sampled_from(FINDINGS), min_size=1))
    def first_audit(self, found: set[Finding]) -> None:
        self._see(found, set(CHECKS))

    @rule(found=st.sets(st.sampled_from(FINDINGS)), asked=st.sets(st.sampled_from(sorted(CHECKS)), min_size=1), later=st.integers(0, 12))
    def audit(self, found: set[Finding], asked: set[str], later: int) -> None:
        self.today += timedelta(days=later)
        self._see({one for one in found if one[0] in asked}, asked)

    def _see(self, found: set[Finding], asked: set[str]) -> None:
        self.days.see(self.today, sorted(found), asked=sorted(asked))
        names = {finding_id(one): one for one in found}
        for name, known in self.model.items():
            if known.check in asked and name not in names and known.state != "closed":
                known.state, known.closed_on = "closed", self.today
                known.history.append("closed")
        for name, one in names.items():
            if name not in self.model:
                self.model[name] = Model(one[3], one[0], first_seen=self.today)
            elif self.model[name].state == "closed":
                known = self.model[name]
                known.state, known.assignee, known.until, known.closed_on = "open", None, None, None
                known.opened += 1
                known.history.append("reopened")
        if self.queue:
            self.queue.close()
        self.queue = self.days.publish()

    @rule(
        chosen=st.sets(st.sampled_from(FINDINGS), min_size=1), action=st.sampled_from(sorted(MOVES)), actor=st.sampled_from([BOSS, BOSS, REVIEWER, VIEWER]),
        days=st.integers(0, 20), partial=st.booleans(),
    )  # fmt: skip
    def act(self, chosen: set[Finding], action: str, actor: Actor, days: int, partial: bool) -> None:
        assert self.queue
        until = self.today + timedelta(days=days)
        said: dict[str, object] = {"reason": "说明"}
        if action == "assign":
            said = {"assignee": "咸安区", "due_on": until}
        elif action == "accept":
            said["accepted_until"] = until
        names = sorted(finding_id(one) for one in chosen)
        possible = [name for name in names if self._may(name, action, actor)]
        acted_at = datetime(2026, 1, 1, tzinfo=UTC)
        try:
            done = self.queue.act(names, action, actor, acted_at=acted_at, partial=partial, **said)
        except ActionRefused as refused:
            assert not partial
            assert {refusal.finding_id for refusal in refused.refusals} == set(names) - set(possible)
            return
        assert partial or possible == names
        assert done.entered == len(possible)
        for name in possible:
            known, target = self.model[name], MOVES[action][1]
            known.history.append(action)
            if target:
                known.state, known.until = target, until if action == "accept" else None
                if action == "assign":
                    known.assignee = "咸安区"
                if action == "reopen":
                    known.assignee = None
            else:
                known.state = known.state_on(self.today)

    def _may(self, name: str, action: str, actor: Actor) -> bool:
        if name not in self.model or actor.role == "viewer" or (action in ONLY_BOSS and actor.role != "administrator"):
            return False
        known = self.model[name]
        return (actor.role == "administrator" or known.region == "421202") and known.state_on(self.today) in MOVES[action][0]

    @precondition(lambda self: self.queue is not None)
    @invariant()
    def queue_and_model_agree(self) -> None:
        assert self.queue
        every = Filters(facets={"state": ["open", "assigned", "corrected", "disputed", "accepted", "closed"]})
        page = self.queue.page(every, BOSS)
        found = {row["finding_id"]: (row["state"], row["first_seen"], row["times_opened"], row["closed_on"]) for row in page.rows}
        assert found == {name: (known.state_on(self.today), known.first_seen, known.opened, known.closed_on) for name, known in self.model.items()}
        open_ones = {row["finding_id"]: row["assignee"] for row in page.rows if row["state"] != "closed"}
        assert open_ones == {name: known.assignee for name, known in self.model.items() if known.state != "closed"}
        mine = {row["finding_id"] for row in self.queue.page(every, REVIEWER).rows}
        assert mine == {name for name, known in self.model.items() if known.region == "421202"}
        for name, known in self.model.items():
            shown = self.queue.finding(name, BOSS)
            assert shown is not None
            assert [happening.kind for happening in shown.history] == known.history
        # What the next snapshot says is what the queue said over the one before.
        self.days.follow(self.today)
        table = dict(self.days.rows("SELECT finding_id, state FROM quality.tracked_findings"))
        assert table == {name: known.state_on(self.today) for name, known in self.model.items()}
        self.queue.log.verify()


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=15, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
