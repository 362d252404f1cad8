"""What publishes on MQTT: each example in one Telegraf, side by side, on a broker with a password."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from asyncua import ua

from energytrack.messages import Reading
from local.site import Site
from testkit.gateways.mqtt_broker import PASSWORD, USER, MqttBroker, mqtt_broker
from testkit.gateways.sparkplug import payload
from testkit.gateways.telegraf import CONFIGURATION, example, gateway
from testkit.stack.servers import eventually
from tests.gateways.conftest import PATIENCE, Arriving

EXAMPLES = ("mqtt", "shelly-pro-3em", "tasmota", "opc-publisher", "sparkplug-b")
PUBLISHED_AS = "ssl://mqtt.plant.example:8883"


@pytest.fixture(scope="module")
def broker(site: Site) -> Iterator[MqttBroker]:
    with mqtt_broker(site.var, site.ports.caddy) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def running_gateway(site: Site, broker: MqttBroker, kafka_env: Mapping[str, str]) -> Iterator[None]:
    machines = {f"{name}.conf": example(name, **{PUBLISHED_AS: broker.address}) for name in EXAMPLES}
    proto = (CONFIGURATION.parent / "sparkplug_b.proto").read_text(encoding="utf-8")
    secrets = {"mqtt_username": USER, "mqtt_password": PASSWORD}
    with gateway(site, machines | {"sparkplug_b.proto": proto}, env=kafka_env, secrets=secrets) as child:
        log = site.log("telegraf")
        eventually(lambda: log.read_text(encoding="utf-8").count("Connected [") >= len(EXAMPLES), PATIENCE)
        yield
        child.check_alive()


def now() -> datetime:
    """To the second, which every one of these devices can send."""
    return datetime.now(UTC).replace(microsecond=0)


def publish_until(broker: MqttBroker, topic: str, content: object, arriving: Arriving, device: str) -> Reading:
    """Publish once, and wait for the reading that it becomes."""
    broker.publish(topic, content if isinstance(content, bytes) else json.dumps(content))
    return arriving.first(lambda _: True, device=device)


def test_a_topic_for_each_machine(broker: MqttBroker, arriving: Arriving) -> None:
    at = now()
    sent = {"ts": at.isoformat(), "temp_c": 61.4, "press_bar": 6.1, "amps": 4.2, "kwh": 1180.44}
    reading = publish_until(broker, "plant/machining-a/cnc-0017", sent, arriving, "cnc-0017")
    assert (reading.timestamp, reading.line, reading.temperature, reading.energy_kwh) == (
        at,
        "machining-a",
        61.4,
        1180.44,
    )


# --- Shelly Pro 3EM -----------------------------------------------------------------------------------------------


def shelly(at: datetime, **params: object) -> dict[str, object]:
    """As the device's documentation shows it (NotifyStatus of EM and EMData)."""
    return {
        "src": "shellypro3em-08f9e0e5c790",
        "dst": "shellypro3em-08f9e0e5c790/events",
        "method": "NotifyStatus",
        "params": {"ts": at.timestamp() + 0.25, **params},
    }


EM = {
    "id": 0, "a_current": 12.0, "a_voltage": 230.1, "a_act_power": 2347.0, "a_aprt_power": 2761.2, "a_pf": 0.85,
    "b_current": 11.8, "b_voltage": 229.4, "b_act_power": 2300.9, "b_aprt_power": 2706.9, "b_pf": 0.85,
    "c_current": 12.1, "c_voltage": 231.0, "c_act_power": 2375.8, "c_aprt_power": 2795.1, "c_pf": 0.85,
    "n_current": None, "total_current": 35.9, "total_act_power": 7023.7, "total_aprt_power": 8263.2,
}  # fmt: skip
TOPIC = "shellypro3em-08f9e0e5c790/events/rpc"


def test_a_shelly_tells_its_phases_in_one_message_and_its_register_in_another(
    broker: MqttBroker, arriving: Arriving
) -> None:
    at = now()
    reading = publish_until(broker, TOPIC, shelly(at, **{"em:0": EM}), arriving, "press-0003")
    assert reading.timestamp == at + timedelta(milliseconds=250)
    assert reading.current == pytest.approx(35.9 / 3)
    assert reading.signals["current_l2"] == 11.8
    assert reading.signals["power_kw"] == pytest.approx(7.0237)
    data = {"id": 0, "a_total_act_energy": 400113.0, "total_act": 1180440.5, "total_act_ret": 0.0}
    reading = publish_until(
        broker, TOPIC, shelly(at + timedelta(seconds=1), **{"emdata:0": data}), arriving, "press-0003"
    )
    assert reading.energy_kwh == pytest.approx(1180.4405)
    assert reading.current == pytest.approx(35.9 / 3)


def test_a_shelly_whose_phase_is_not_measured_says_so(broker: MqttBroker, arriving: Arriving) -> None:
    without = EM | {"b_current": None, "b_act_power": None, "total_act_power": None, "errors": ["power_meter_failure"]}
    reading = publish_until(broker, TOPIC, shelly(now(), **{"em:0": without}), arriving, "press-0003")
    assert (reading.current, reading.signals["current_l2"], reading.signals["power_kw"]) == (None, None, None)


# --- Tasmota --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "current", "power"),
    [(1180.44, 12.0, 7024), ([400.11, 390.22, 390.11], [12.0, 11.9, 12.1], [2347, 2301, 2376])],
    ids=["numbers", "arrays"],
)
def test_tasmota_in_local_time_with_numbers_or_one_for_each_phase(
    broker: MqttBroker, arriving: Arriving, total: object, current: object, power: object
) -> None:
    at = now()
    local = at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M:%S")
    sent = {
        "Time": local,
        "ENERGY": {"TotalStartTime": local, "Total": total, "Yesterday": 11.2, "Today": 3.1,
                   "Power": power, "Factor": 0.85, "Voltage": 230, "Current": current},
    }  # fmt: skip
    reading = publish_until(broker, "tele/tasmota_conv_0003/SENSOR", sent, arriving, "conv-0003")
    assert reading.timestamp == at
    assert reading.energy_kwh == pytest.approx(1180.44)
    assert reading.current == pytest.approx(12.0)
    assert reading.signals["power_kw"] == pytest.approx(7.024)


def test_tasmota_with_its_zone(broker: MqttBroker, arriving: Arriving) -> None:
    """SetOption52 1."""
    at = now()
    sent = {"Time": at.astimezone(ZoneInfo("America/Chicago")).isoformat(), "ENERGY": {"Total": 7.5, "Current": 1.0}}
    reading = publish_until(broker, "tele/tasmota_conv_0003/SENSOR", sent, arriving, "conv-0003")
    assert (reading.timestamp, reading.energy_kwh) == (at, 7.5)


# --- OPC Publisher ----------------------------------------------------------------------------------------------------


def frame(at: datetime, kind: str, **nodes: object) -> dict[str, object]:
    payload = {f"nsu=http://plant.example/cnc;s={name.replace('_', '.')}": value for name, value in nodes.items()}
    return {
        "MessageId": "18", "MessageType": "ua-data", "PublisherId": "opc-publisher",
        "Messages": [{"DataSetWriterId": 1, "MessageType": kind, "Timestamp": at.isoformat().replace("+00:00", "Z"),
                      "Payload": payload}],
    }  # fmt: skip


def value(of: object, code: int = 0) -> dict[str, object]:
    at = now().isoformat().replace("+00:00", "Z")
    status = {"StatusCode": {"Code": code, "Symbol": "BadSensorFailure"}} if code else {}
    return {"Value": of, "SourceTimestamp": at, **status}


def test_delta_frames_are_completed_and_a_bad_status_is_a_lost_sensor(broker: MqttBroker, arriving: Arriving) -> None:
    topic, at = "opcpublisher/site-1/messages", now()
    whole = frame(at, "ua-keyframe", Spindle_Temperature=value(61.4), Hydraulics_Pressure=value(6.1),
                  Drive_CurrentRms=value(4.2), Meter_ActiveEnergy=value(1180.44), Controller_Mode=value(2))  # fmt: skip
    reading = publish_until(broker, topic, whole, arriving, "cnc-0007")
    assert (reading.temperature, reading.pressure, reading.state) == (61.4, 6.1, "running")
    delta = frame(at + timedelta(seconds=1), "ua-deltaframe", Drive_CurrentRms=value(4.4))
    reading = publish_until(broker, topic, delta, arriving, "cnc-0007")
    assert (reading.current, reading.temperature, reading.energy_kwh) == (4.4, 61.4, 1180.44)
    failed = value(61.4, ua.StatusCodes.BadSensorFailure)
    bad = frame(at + timedelta(seconds=2), "ua-deltaframe", Spindle_Temperature=failed)
    reading = publish_until(broker, topic, bad, arriving, "cnc-0007")
    assert (reading.temperature, reading.pressure) == (None, 6.1)
    good = frame(at + timedelta(seconds=3), "ua-deltaframe", Spindle_Temperature=value(62.0))
    assert publish_until(broker, topic, good, arriving, "cnc-0007").temperature == 62.0


# --- Sparkplug B ------------------------------------------------------------------------------------------------------


def test_sparkplug_data_is_named_by_the_birth_and_ends_with_the_death(broker: MqttBroker, arriving: Arriving) -> None:
    at = now()
    names = {1: "Spindle/Temperature", 2: "Hydraulics/Pressure", 3: "Drive/Current", 4: "Meter/Energy"}
    born = payload(at, [(names[1], 1, 61.4), (names[2], 2, 6.1), (names[3], 3, 4.2), (names[4], 4, 1180.44),
                        ("Controller/State", 5, "running")])  # fmt: skip
    broker.publish("spBv1.0/plant/DBIRTH/hall-2/lathe-7", born)
    reading = arriving.first(lambda reading: reading.state == "running", device="cnc-0009")
    assert (reading.temperature, reading.pressure, reading.current, reading.energy_kwh) == (61.4, 6.1, 4.2, 1180.44)
    sent = payload(at + timedelta(seconds=1), [(None, 1, 63.0), (None, 2, None)])
    broker.publish("spBv1.0/plant/DDATA/hall-2/lathe-7", sent)
    reading = arriving.first(lambda reading: reading.pressure is None, device="cnc-0009")
    assert (reading.temperature, reading.current) == (63.0, 4.2)
    broker.publish("spBv1.0/plant/DDEATH/hall-2/lathe-7", payload(at + timedelta(seconds=2), []))
    reading = arriving.first(lambda reading: reading.temperature is None, device="cnc-0009")
    assert (reading.current, reading.energy_kwh, reading.state) == (None, None, None)


# --- the broker -------------------------------------------------------------------------------------------------------


def test_a_broker_that_is_away_comes_back_by_itself(broker: MqttBroker, arriving: Arriving, site: Site) -> None:
    broker.stop()
    log = site.log("telegraf")
    eventually(lambda: "connection lost" in log.read_text(encoding="utf-8").lower(), PATIENCE)
    broker.start()

    def sent_again() -> bool:
        sent = {"ts": now().isoformat(), "temp_c": 44.0}
        broker.publish("plant/machining-a/cnc-0018", json.dumps(sent), qos=0)
        return any(r.device_id == "cnc-0018" and r.temperature == 44.0 for r in arriving.take())

    assert eventually(sent_again, PATIENCE, pause=1.0)
