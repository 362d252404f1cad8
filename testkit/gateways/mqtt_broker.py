"""An MQTT broker with a password, and a way to publish on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from amqtt.broker import Broker
from amqtt.client import MQTTClient
from pwdlib import PasswordHash

from local.site import HOST
from testkit.gateways.event_loop import EventLoop, event_loop

USER: Final = "energytrack"
PASSWORD: Final = "not-a-secret"  # noqa: S105


class MqttBroker:
    """A broker that can be stopped and started again."""

    def __init__(self, loop: EventLoop, folder: Path, port: int) -> None:
        self.address = f"tcp://{HOST}:{port}"
        self._loop = loop
        self._port = port
        self._passwords = folder / "mqtt-passwords"
        self._passwords.write_text(f"{USER}:{PasswordHash.recommended().hash(PASSWORD)}\n", encoding="utf-8")
        self._broker: Broker | None = None

    def start(self) -> None:
        self._loop.run(self._started())

    def stop(self) -> None:
        if self._broker is not None:
            self._loop.run(self._broker.shutdown())
            self._broker = None

    def publish(self, topic: str, payload: str | bytes, *, qos: int = 1) -> None:
        """Publish a message; with QoS 1, acknowledged by the broker."""
        self._loop.run(self._published(topic, payload if isinstance(payload, bytes) else payload.encode(), qos))

    async def _started(self) -> None:
        self._broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{self._port}"}},
                "plugins": {
                    "amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(self._passwords)},
                },
            }
        )
        await self._broker.start()

    async def _published(self, topic: str, payload: bytes, qos: int) -> None:
        client = MQTTClient(config={"auto_reconnect": False})
        await client.connect(f"mqtt://{USER}:{PASSWORD}@{HOST}:{self._port}")
        await client.publish(topic, payload, qos=qos)
        await client.disconnect()


@contextmanager
def mqtt_broker(folder: Path, port: int) -> Iterator[MqttBroker]:
    """A broker while the context lasts."""
    with event_loop() as loop:
        broker = MqttBroker(loop, folder, port)
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()
