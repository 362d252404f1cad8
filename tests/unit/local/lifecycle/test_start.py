"""The start: what comes when, and what a failure takes with it."""

from dataclasses import dataclass, field

from energytrack.clock import ManualClock
from local.errors import ServiceFailed
from local.lifecycle.progress import Rows
from local.lifecycle.start import Launch, StartedStep, bring_up
from local.services.definition import HttpAnswers, Job, ServiceDefinition, Step
from testkit.dates import NOW


def a_service(name: str, *needs: str) -> ServiceDefinition:
    return ServiceDefinition(name, "", ("true",), HttpAnswers("http://127.0.0.1:1"), (), needs=needs, start_seconds=5)


@dataclass
class Plan:
    """Steps that take so many rounds of questions to be ready; those that are to fail, do."""

    rounds: dict[str, int] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    launched: list[str] = field(default_factory=list)

    def launch(self, step: Step) -> StartedStep:
        self.launched.append(step.name)
        return Planned(self, step.name)


@dataclass
class Planned:
    plan: Plan
    name: str
    asked: int = 0

    def is_ready(self) -> bool:
        self.asked += 1
        if self.name in self.plan.failing:
            raise ServiceFailed(self.name, "keeps ending", "last words")
        return self.asked > self.plan.rounds.get(self.name, 0)


def run(plan: Plan, *steps: Step) -> Rows:
    launch: Launch = plan.launch
    return bring_up(steps, launch, clock=ManualClock(NOW), report=lambda _: None)


def states(rows: Rows) -> dict[str, str]:
    return {name: row.state for name, row in rows.items()}


def test_a_step_starts_when_what_it_needs_is_ready_not_in_the_order_of_the_list() -> None:
    plan = Plan(rounds={"kafka": 3})
    job = Job("topics", "", ("true",), needs=("kafka",))
    rows = run(plan, a_service("historian", "topics", "mongo"), a_service("kafka"), job, a_service("mongo"))
    assert plan.launched == ["kafka", "mongo", "topics", "historian"]
    assert set(states(rows).values()) == {"ready"}


def test_a_failure_takes_with_it_only_what_needs_it() -> None:
    plan = Plan(failing=frozenset({"mongo"}))
    rows = run(
        plan, a_service("kafka"), a_service("mongo"), a_service("historian", "mongo"), a_service("page", "historian")
    )
    assert states(rows) == {"kafka": "ready", "mongo": "failed", "historian": "skipped", "page": "skipped"}
    assert rows["historian"].detail == "because mongo failed"
    assert plan.launched == ["kafka", "mongo"]


def test_a_service_that_never_answers_is_given_up_after_its_own_time() -> None:
    rows = run(Plan(rounds={"slow": 10_000}), a_service("slow"))
    assert rows["slow"].state == "failed"
    assert rows["slow"].detail == "did not answer within 5 s"


def test_each_row_tells_how_long_its_step_took() -> None:
    rows = run(Plan(rounds={"kafka": 4}), a_service("kafka"), a_service("mongo"))
    assert 0.3 < rows["kafka"].seconds < 0.6
    assert rows["mongo"].seconds < 0.1
