"""The plant as a whole: from one tick to the next, with its readings and events."""

from datetime import datetime
from functools import lru_cache

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from energytrack.events import CommandResult, DeviceEvent, StateChanged
from energytrack.fields import STATES
from energytrack.messages import Command
from energytrack.plant import Plant
from simulator.machines import faults, machine, output, sensors
from simulator.machines.arrays import Bools, Codes, Floats
from simulator.machines.chance import OUTPUT, TICK, generator
from simulator.machines.faults import EFFECT, Wear
from simulator.machines.fleet import FleetConstants, build_fleet, register_kwh
from simulator.machines.machine import AmbientConditions, Demand, Machines
from simulator.machines.output import Output
from simulator.machines.rates import Rates
from simulator.machines.sensors import SensorFaults
from simulator.plant import events, incidents, lots, orders, schedule, surroundings, upkeep
from simulator.plant.events import EventContext, moment
from simulator.plant.lots import Lots
from simulator.plant.orders import OrdersInProgress
from simulator.plant.schedule import Calendar, PlantSchedule
from simulator.plant.surroundings import Surroundings
from simulator.plant.upkeep import Upkeep


class FactoryState(Struct, frozen=True, eq=False):
    """Everything about the plant that changes."""

    at_ms: int
    surroundings: Surroundings
    schedule: PlantSchedule
    machines: Machines
    output: Output
    lots: Lots
    wear: Wear
    upkeep: Upkeep
    sensors: SensorFaults
    shown: Codes
    """The last published state of each machine, an index in `fields.STATES`."""
    orders: OrdersInProgress


class Tick(Struct, frozen=True, eq=False):
    """The plant after a tick, and its messages."""

    state: FactoryState
    values: Floats
    """float64[3, devices]: temperature, pressure and current as measured by the sensors, NaN if one is lost."""
    states: Codes
    """Index in `fields.STATES`."""
    happened: tuple[DeviceEvent, ...]


class Factory:
    """A plant's constants; the methods are pure: a state in, a state out."""

    def __init__(self, plant: Plant, *, seed: int, rates: Rates) -> None:
        self.fleet: FleetConstants = build_fleet(plant, seed)
        self.plant = plant
        self.seed = seed
        self.rates = rates
        self.calendar = Calendar(plant)
        self.present: Bools = np.isfinite(self.fleet.life_hours)
        self._ambient = plant.ambient_celsius
        self._usual = np.vstack([np.full(len(self.fleet), 40.0), self.fleet.nominal_bar, self.fleet.rated_amperes])
        self._index = {device.device_id: i for i, device in enumerate(self.fleet.devices)}
        self._pace = lru_cache(maxsize=8)(lambda dt: machine.pace(self.fleet, dt))

    def device(self, device_id: str) -> int | None:
        """A device's index; None if there is no such machine."""
        return self._index.get(device_id)

    def opened(self, at_ms: int) -> FactoryState:
        """The initial plant; its machines are cold and in order."""
        rng = generator(self.seed, TICK, at_ms=at_ms, device=1)
        n = len(self.fleet)
        at = moment(at_ms)
        local = self.calendar.local(at)
        lines = surroundings.new_surroundings(len(self.calendar.hours(local)), rng)
        wear = faults.new_components(self.present.shape, rng)
        used = rng.random(self.present.shape) * 0.5 * np.where(self.present, self.fleet.life_hours, 0.0)
        ambient = surroundings.ambient_celsius(self._ambient, lines, local)[self.fleet.line]
        return FactoryState(
            at_ms=at_ms,
            surroundings=lines,
            schedule=schedule.new_schedule(self.fleet, self.calendar.hours(local), rng),
            machines=machine.cold(self.fleet, ambient, register_kwh(self.fleet, at)),
            output=output.none_made(n),
            lots=lots.none_reported(n),
            wear=replace(wear, hours=used),
            upkeep=upkeep.new_upkeep(n, self.rates, rng),
            sensors=sensors.all_sound(n),
            shown=np.full(n, -1, dtype=np.int8),
            orders=OrdersInProgress(),
        )

    def advance(self, state: FactoryState, at_ms: int, *, rates: Rates | None = None, quiet: bool = False) -> Tick:
        """The plant at `at_ms`, later than `state`; other `rates` than the factory's own can suspend wear.

        `quiet` leaves out changes of state, of which jobs cause many, and has finished parts reported later.
        """
        rates = rates or self.rates
        fleet = self.fleet
        dt = (at_ms - state.at_ms) / 1000.0
        rng = generator(self.seed, TICK, at_ms=at_ms)
        occasion = EventContext(self.seed, at_ms, fleet.devices)
        local = self.calendar.local(moment(at_ms))
        hours = self.calendar.hours(local)
        lines = surroundings.step(state.surroundings, dt=dt, rng=rng)

        attendance = hours[fleet.line] == schedule.WORK
        care, wear, attended = incidents.attended(state.upkeep, state.wear, attendance=attendance, present=self.present,
                                                  dt=dt, rates=rates, occasion=occasion)  # fmt: skip
        wearing = faults.step(wear, life_hours=fleet.life_hours, speed=state.machines.speed, load=state.machines.load,
                              dt=dt, rates=rates, rng=rng)  # fmt: skip
        care, befallen = incidents.befallen(care, wearing, present=self.present, rates=rates, occasion=occasion)
        in_progress, people, answers = orders.carry_out(state.orders, state.schedule, state.machines, care, at_ms=at_ms)
        able = care.condition == upkeep.SOUND
        people = schedule.step(people, fleet=fleet, hours=hours, orders=lines.noise[surroundings.ORDERS], able=able,
                               dt=dt, rng=rng)  # fmt: skip
        strain = faults.strain(wearing.wear)
        demand = _demand(people, care, output.swing(state.output, fleet=fleet, dt=dt))
        machines = machine.step(state.machines, fleet=fleet, pace=self._pace(dt), demand=demand,
                                strain=strain, air=self._air(lines, local), rng=rng)  # fmt: skip
        physical = np.array([machines.temperature, machines.pressure, machines.current])
        sensed, values = sensors.step(state.sensors, physical, sensors=fleet.sensors, usual=self._usual, dt=dt,
                                      rates=rates, rng=rng)  # fmt: skip
        states = _states(people, machines, care)
        made = output.step(state.output, fleet=fleet, working=states == events.RUNNING, unrest=strain[EFFECT["unrest"]],
                           dt=dt, rng=generator(self.seed, OUTPUT, at_ms=at_ms))  # fmt: skip
        changes = [] if quiet else _changes(states, state.shown, occasion)
        since_ms = at_ms if quiet else state.at_ms
        finished_lots, finished = lots.step(state.lots, made, fleet=fleet, before_ms=since_ms, occasion=occasion)
        after = FactoryState(
            at_ms, lines, people, machines, made, finished_lots, wearing.wear, care, sensed, states, in_progress
        )
        return Tick(after, values, states, (*attended, *befallen, *answers, *changes, *finished))

    def ordered(
        self, state: FactoryState, command: Command, *, at_ms: int
    ) -> tuple[FactoryState, CommandResult | None]:
        """The plant after an order arrived, and the answer if the machine has nothing to do, or is not here."""
        device = self.device(command.device_id)
        if device is None:
            return state, None
        condition, part = int(state.upkeep.condition[device]), int(state.upkeep.part[device])
        ordered_machine = orders.OrderedMachine(device, STATES[state.shown[device]], condition, part)
        in_progress, answer = orders.receive(state.orders, command, ordered_machine, at_ms=at_ms)
        return replace(state, orders=in_progress), answer

    def _air(self, lines: Surroundings, local: datetime) -> AmbientConditions:
        ambient = surroundings.ambient_celsius(self._ambient, lines, local)
        return AmbientConditions(ambient[self.fleet.line], lines.noise[surroundings.SUPPLY][self.fleet.line])


def _demand(people: PlantSchedule, care: Upkeep, swing: Floats) -> Demand:
    return Demand(
        powered=people.on,
        load=people.load * people.working * swing,
        tripped=care.condition != upkeep.SOUND,
        isolated=care.condition == upkeep.MAINTENANCE,
    )


def _states(people: PlantSchedule, machines: Machines, care: Upkeep) -> Codes:
    still = ~people.on & (machines.speed <= 0.0)
    turning = np.where(people.working & (machines.speed >= 1.0), events.RUNNING, events.IDLE)
    states = np.where(still, events.STOPPED, turning)
    states = np.where(care.condition == upkeep.FAILED, events.FAILED, states)
    return np.where(care.condition == upkeep.MAINTENANCE, events.MAINTENANCE, states).astype(np.int8)


def _changes(states: Codes, shown: Codes, occasion: EventContext) -> list[StateChanged]:
    return [
        StateChanged(state=STATES[states[device]], **occasion.head(device, "state_changed"))
        for (device,) in incidents.where(states != shown)
    ]
