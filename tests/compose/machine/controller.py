"""The controller of a machine for the trial: it obeys what is written to its node, as its own program would."""

import asyncio

from asyncua import Server

ORDERS = {1: 0, 2: 2}
"""What is written, and the mode that follows."""


async def main() -> None:
    """Answer until the container is stopped."""
    server = Server()
    await server.init()
    server.set_endpoint("opc.tcp://0.0.0.0:4840")
    for number in (2, 3):
        await server.register_namespace(f"urn:energytrack:{number}")
    nodes = {
        name: await server.nodes.objects.add_variable(f"ns=3;s={name}", f"3:{name}", value)
        for name, value in (("Controller.Mode", 2), ("Remote.Enabled", True), ("Remote.Command", 0))
    }
    await nodes["Remote.Command"].set_writable()
    async with server:
        while True:
            mode = ORDERS.get(await nodes["Remote.Command"].read_value())
            if mode is not None:
                await nodes["Controller.Mode"].write_value(mode)
                await nodes["Remote.Command"].write_value(0)
            await asyncio.sleep(0.1)


asyncio.run(main())
