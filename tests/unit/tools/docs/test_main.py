"""The reference pages say what the code says."""

import re
from pathlib import Path

import pytest

from energytrack.topics import TOPICS
from tools.docs.__main__ import PAGES, ROOT
from tools.docs.configuration import blocks, compose_variables, own_fields
from tools.docs.examples import EXAMPLES
from tools.docs.metrics import all_metrics
from tools.docs.recorded import recorded_names

MESSAGES = PAGES[Path("docs/messages.md")]
RUNBOOK = PAGES[Path("control_api/web/templates/runbook_text.html")]


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_is_up_to_date(path: Path) -> None:
    """`python -m tools.docs` writes it again."""
    assert (ROOT / path).read_text(encoding="utf-8") == PAGES[path]()


def test_every_topic_and_every_kind_is_described() -> None:
    """With an example that is understood."""
    text = MESSAGES()
    for topic in TOPICS:
        assert f"## On `{topic.name}`" in text
    kinds = [type(example).__name__ for examples in EXAMPLES.values() for example in examples]
    assert len(kinds) == len(set(kinds)) == text.count("```json")


def test_no_field_of_a_message_is_without_a_word() -> None:
    """Its unit, or what it is for."""
    text = MESSAGES()
    assert [line for line in text.splitlines() if re.search(r"\| +\|$", line) and "---" not in line] == []


def test_every_variable_has_one_name_and_one_explanation() -> None:
    """No two blocks read the same variable, and .env.example has them all."""
    names = [block.variable(field) for block in blocks() for field, _ in own_fields(block)]
    names += [name for name, _, _ in compose_variables(ROOT)]
    assert len(names) == len(set(names))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE) == [
        *(name for name, _, _ in compose_variables(ROOT)),
        *(block.variable(field) for block in blocks() for field, _ in own_fields(block)),
    ]


def test_every_metric_is_found_once_with_help_and_a_fitting_name() -> None:
    """As `promtool check metrics` would have it."""
    metrics = all_metrics()
    assert len({metric.name for metric in metrics}) == len(metrics)
    for metric in metrics:
        assert metric.help.endswith("."), metric.name
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name


def test_what_the_examples_ask_for_is_recorded() -> None:
    """Every series with colons in its name that docs/promql.md queries."""
    asked = set(
        re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+\b", (ROOT / "docs" / "promql.md").read_text(encoding="utf-8"))
    )
    assert asked
    assert asked - {"level:metric:operation"} <= recorded_names()


def test_every_section_of_the_runbook_can_be_linked_to() -> None:
    page = RUNBOOK()
    headings = re.findall(r"^### (.+)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings
    assert [each for each in headings if f'<h3 id="{each.lower().replace(" ", "-")}">' not in page] == []
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))


def test_the_runbook_has_no_link_that_leads_out_of_the_front_door() -> None:
    """The files of docs/ are not served; a link to one names its path."""
    page = RUNBOOK()
    assert re.findall(r'href="([^"]+)"', page) == []
    assert "Retraining (docs/retraining.md)" in page
