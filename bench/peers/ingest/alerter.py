"""Checks readings and raises alerts by thresholds and by a robust z-score, as edgelab's alerter does."""

import json
import sys
import time
from collections import deque
from datetime import datetime
from statistics import median

from settings import ALERTS, RANGES, READINGS, delivered, ending, good, open_consumer, open_producer

MOST_BYTES = 4096
LATE_SECONDS, AHEAD_SECONDS = 86_400, 60
#: Below, above and how far back the value must be, of each type's own alert.
LIMITS = {
    "temperature": ("extreme-temperature", 0, 35, 1),
    "humidity": ("high-humidity", float("-inf"), 90, 2),
    "pressure": ("low-pressure", 980, float("inf"), 2),
    "light": ("low-light", 10, float("inf"), 5),
    "motion": ("motion", float("-inf"), 0, 0),
}
HOLD_SECONDS = 10
LEVEL, SPREAD, LEAST, SIGMA_OF_MAD, SCORE = 9, 64, 20, 1.4826, 4


class Refused(Exception):
    """A message that is no reading."""


def checked(data):
    """Device, type, value and time of a message."""
    if data is None or len(data) > MOST_BYTES:
        raise Refused("size")
    try:
        reading = json.loads(data)
        device, kind, value = reading["device"], reading["type"], reading["value"]
        seconds = datetime.fromisoformat(reading["time"]).timestamp()
        unit, least, greatest = RANGES[kind]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(str(error)) from error
    if not isinstance(device, str) or not 0 < len(device) <= 200:
        raise Refused("device")
    if isinstance(value, bool) != (kind == "motion") or reading.get("unit", unit) != unit:
        raise Refused("value")
    if not least <= value <= greatest:
        raise Refused("range")
    if not -AHEAD_SECONDS <= time.time() - seconds <= LATE_SECONDS:
        raise Refused("clock")
    return device, kind, float(value), seconds


class Hysteresis:
    """An alert that begins beyond its limits and is over when values have been back for a while."""

    def __init__(self, kind, below, above, margin):
        self.kind, self.below, self.above, self.margin = kind, below, above, margin
        self.since = None
        self.calm = None

    def step(self, value, seconds):
        """The alert's new state, if it has one."""
        if value < self.below or value > self.above:
            self.calm = None
            if self.since is None:
                self.since = seconds
                return "raised"
        elif self.since is not None and self.below + self.margin <= value <= self.above - self.margin:
            self.calm = seconds if self.calm is None else self.calm
            if seconds - self.calm >= HOLD_SECONDS:
                return "cleared"
        return None


class Device:
    """What is known of a device."""

    def __init__(self, kind):
        self.limit = Hysteresis(*LIMITS[kind])
        self.anomaly = Hysteresis("anomaly", float("-inf"), SCORE, 0)
        self.level = deque(maxlen=LEVEL)
        self.differences = deque(maxlen=SPREAD)
        self.judged = kind != "motion"

    def watch(self, value, seconds):
        """The alerts that a reading begins or ends."""
        steps = [(self.limit, self.limit.step(value, seconds))]
        if self.judged:
            score = self.score(value)
            if score is not None:
                steps.append((self.anomaly, self.anomaly.step(score, seconds)))
        for alert, state in steps:
            if state is None:
                continue
            yield {"kind": alert.kind, "state": state, "since": alert.since}
            if state == "cleared":
                alert.since = None

    def score(self, value):
        """Robust standard deviations from what was expected; None while too little is known."""
        difference = value - median(self.level) if self.level else 0
        score = None
        if len(self.differences) >= LEAST:
            middle = median(self.differences)
            spread = median(abs(each - middle) for each in self.differences)
            score = abs(difference - middle) / max(0.01, SIGMA_OF_MAD * spread)
        self.level.append(value)
        self.differences.append(difference)
        return score


def main():
    consumer = open_consumer(f"{READINGS}-alerter", [READINGS])
    producer = open_producer()
    devices = {}
    while not ending.is_set():
        messages = consumer.consume(1000, timeout=0.1)
        for message in good(messages):
            try:
                device, kind, value, seconds = checked(message.value())
            except Refused as reason:
                print(f"refused: {reason}", file=sys.stderr)
                continue
            known = devices.get((device, kind))
            if known is None:
                known = devices[(device, kind)] = Device(kind)
            for alert in known.watch(value, seconds):
                alert["id"] = f"{alert['kind']}/{device}/{alert['since']}"
                told = json.dumps({**alert, "device": device, "type": kind, "value": value, "time": seconds})
                producer.produce(ALERTS, told, key=device, on_delivery=delivered)
        if messages:
            # No reading counts as read whose alert could still be lost.
            producer.flush()
            consumer.commit(asynchronous=True)
    consumer.close()
    producer.flush(5)


if __name__ == "__main__":
    main()
