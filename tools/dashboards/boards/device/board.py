"""One machine: its state, its predictions, what to do, and the answers to orders."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tools.dashboards.boards.device import course
from tools.dashboards.kit import annotations, buttons, links, variables
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row, tiles
from tools.dashboards.kit.machines import age, per_machine, recommendation_words, state_number, state_words
from tools.dashboards.kit.orders import latest_orders
from tools.dashboards.kit.panels import listing, named, number, with_curve
from tools.dashboards.kit.queries import MACHINE, at_the_end, or_away, or_unknown, or_zero, over_time, rows
from tools.dashboards.kit.tables import PanelColumn, hidden, look, with_columns
from tools.dashboards.kit.wording.colours import CRITICAL, MUTED, RISK, more_is_worse, words
from tools.dashboards.kit.wording.money import KILOWATT_HOURS

ACT: Final = (links.to_orders("${device}"),)
FAILED: Final = "failed"
TO_DO: Final = [
    *words((FAILED, "It has failed: find the cause, repair it, restart it.", CRITICAL)),
    *recommendation_words(),
]
"""What to do, by a recommendation's code or `FAILED`: a failed machine has no recommendations."""


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.DEVICE,
            "Device",
            "What is the state of this machine, what is expected of it, and what should be done?",
            site=site,
            since="now-6h",
            refresh="10s",
            choices=(variables.line(), variables.device_type(), variables.one_device()),
            marks=(
                annotations.orders(MACHINE),
                annotations.failures(MACHINE),
                annotations.alarms(MACHINE),
                annotations.PostedAnnotations(("${device}",)),
            ),
        ),
        *_at_a_glance(),
        _to_do(),
        panel_row(6, (latest_orders(MACHINE, newest=10), 24)),
        course.signals(),
        course.use(),
        course.expectation(),
        course.when_to_stop(site),
        course.past(),
    )


def _at_a_glance() -> tuple[PanelRow, ...]:
    return tiles(
        named(
            number(
                "State",
                "The machine's state, as reported by its controller.",
                at_the_end(state_number(MACHINE), "state"),
                unit="short",
                links=ACT,
            ).mappings(state_words())
        ),
        with_curve(
            number(
                "Risk",
                "Probability of a failure within the model's horizon. Not known while the machine has too little "
                "history.",
                over_time(or_unknown(f"max(energytrack_device_failure_probability_ratio{{{MACHINE}}})"), "risk"),
                unit="percentunit",
                meaning=RISK,
                links=ACT,
            )
        ).decimals(0),
        with_curve(
            number(
                "Power now",
                "Active power of the machine now.",
                over_time(or_unknown(f"max(energytrack_device_power_watts{{{MACHINE}}})"), "power"),
                unit="watt",
                links=ACT,
            )
        ),
        number(
            "Energy today",
            "Energy used since midnight, and the part used while idle.",
            at_the_end(f"sum(sum_over_time(device:energy_kwh:increase1m{{{MACHINE}}}[$__range]))", "used"),
            at_the_end(f"sum(sum_over_time(device:idle_energy_kwh:increase1m{{{MACHINE}}}[$__range]))", "while idle"),
            unit=KILOWATT_HOURS,
            links=(links.to_dashboard("Energy", links.ENERGY),),
        )
        .decimals(2)
        .time_from("now/d")
        .hide_time_override(True),
        number(
            "Data age",
            "Time since the machine's last reading.",
            at_the_end(age(f"energytrack_device_last_reading_timestamp_seconds{{{MACHINE}}}"), "ago"),
            unit="s",
            meaning=more_is_worse(notice=60, critical=300),
            links=(links.to_dashboard("Pipeline health", links.PIPELINE, choices=False),),
        ).decimals(0),
        named(
            number(
                "Lock",
                "Whether the machine is locked out. A locked machine cannot be restarted remotely.",
                at_the_end(or_zero(per_machine(f"energytrack_device_locked{{{MACHINE}}}"), "control_api"), "lock"),
                unit="short",
                links=ACT,
            ).mappings(words(("0", "free", MUTED), ("1", "locked", CRITICAL)))
        ),
    )


def _to_do() -> PanelRow:
    active = f"energytrack_device_recommendation_active{{{MACHINE}}} == 1"
    failed = f'energytrack_device_state{{{MACHINE},state="failed"}} == 1'
    open_now = f'({active}) or label_replace({failed}, "recommendation", "{FAILED}", "", "")'
    return panel_row(
        5,
        (
            with_columns(
                listing(
                    "Recommendations",
                    "What should be done about this machine now.",
                    rows(
                        or_away(
                            f"max by (device_id, recommendation) ({open_now})", "exporters", said_as="recommendation"
                        ),
                        "open",
                    ),
                    unit="short",
                    links=(),
                ).no_value("Nothing to do."),
                PanelColumn(
                    "recommendation",
                    "Open now",
                    (look("mappings", TO_DO), look("custom.minWidth", 400)),
                ),
            ),
            12,
        ),
        (
            with_columns(
                listing(
                    "Orders",
                    "Orders to this machine. Each asks for a reason and for confirmation. Viewers see no buttons.",
                    rows(per_machine(f"energytrack_device_info{{{MACHINE}}}"), "act"),
                    unit="short",
                    links=(),
                ),
                hidden("device_id"),
                buttons.acting(
                    "act",
                    "Order",
                    buttons.RESTART,
                    buttons.SHUT_DOWN,
                    buttons.SHUT_DOWN_AT_WORK,
                    buttons.LOCK,
                    buttons.RELEASE,
                    width=400,
                ),
            ),
            12,
        ),
    )
