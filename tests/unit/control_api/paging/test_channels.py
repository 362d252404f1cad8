"""Pages through real channels to local stand-ins."""

import pytest

from control_api.paging.channels import Channels, kind_of
from control_api.paging.texts import Message
from testkit.stand_ins.mail import mail_server
from testkit.stand_ins.webhook import webhooks

MESSAGE = Message("Critical: cnc-0007 has failed", "Secure the machine.\nAcknowledge: https://plant.example/x")


@pytest.mark.parametrize(
    "address",
    ["json://{at}/hook", "ntfy://{at}/plant", "gotify://{at}/a-token", "mmost://{at}/a3b4c5d6e7f8g9h0i1j2k3l4m5"],
    ids=kind_of,
)
def test_a_channel_takes_a_page(address: str) -> None:
    """A webhook, and services that a plant can run itself."""
    with webhooks(0) as received:
        channels = Channels({"maria": [address.format(at=received.url.removeprefix("http://"))]})
        assert channels.unusable == []
        assert channels.send("maria", MESSAGE) == (True, "")
    assert "cnc-0007 has failed" in str(received.taken[0].body)
    assert "https://plant.example/x" in str(received.taken[0].body)


def test_a_mail_is_a_page_too() -> None:
    with mail_server() as (address, mails):
        host, _, port = address.partition(":")
        url = f"mailto://{host}:{port}/?smtp={host}&mode=insecure&from=et@plant.example&to=maria@plant.example"
        assert Channels({"maria": [url]}).send("maria", MESSAGE) == (True, "")
    assert mails[0]["Subject"] == MESSAGE.subject
    assert "maria@plant.example" in mails[0]["To"]


def test_one_of_two_channels_is_enough_and_the_other_is_named_without_its_address() -> None:
    with webhooks(0) as received:
        at = received.url.removeprefix("http://")
        channels = Channels({"maria": [f"json://{at}/hook", "ntfy://127.0.0.1:9/secret?cto=1"]})
        assert channels.send("maria", MESSAGE) == (True, "ntfy did not take it")
    assert Channels({"maria": ["ntfy://127.0.0.1:9/secret"]}).send("maria", MESSAGE) == (False, "ntfy did not take it")


def test_somebody_without_a_channel_and_an_address_that_is_none() -> None:
    channels = Channels({"maria": ["bogus://secret"]})
    assert channels.unusable == [("maria", "bogus")]
    assert channels.send("maria", MESSAGE) == (False, "maria has no channel")
