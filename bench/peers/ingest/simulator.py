"""Sends readings of many devices at a fixed rate as JSON, as edgelab's simulator does."""

import json
import math
import os
import random
import time
from datetime import datetime, timezone

from settings import RANGES, READINGS, delivered, ending, open_producer

DEVICES = int(os.environ["DEVICES"])
RATE = float(os.environ["READINGS_PER_SECOND"])
ANOMALIES = float(os.environ["ANOMALY_PROBABILITY"])
#: Middle, height of a day's course and noise of each type.
SIGNALS = {"temperature": (20, 8, 0.15), "humidity": (55, 15, 0.5), "pressure": (1013, 8, 0.1), "light": (4000, 3900, 60)}
DAY_SECONDS = 86_400


def value_of(kind, device, seconds, rng):
    """What a device shows, and whether that was made wrong."""
    wrong = rng.random() < ANOMALIES
    course = math.sin(2 * math.pi * seconds / DAY_SECONDS)
    if kind == "motion":
        return (int(seconds / 60) + device) % 7 == 0, wrong
    middle, height, noise = SIGNALS[kind]
    value = middle + height * course + rng.gauss(0, noise)
    if wrong:
        value += 20 * noise
    _, least, greatest = RANGES[kind]
    return round(min(greatest, max(least, value)), 2), wrong


def main():
    rng = random.Random(1)
    kinds = list(RANGES)
    producer = open_producer()
    start = time.time()
    number = 0
    while not ending.is_set():
        due = start + number / RATE
        wait = due - time.time()
        if wait > 0.005:
            producer.poll(0)
            ending.wait(wait)
            continue
        index = number % DEVICES
        kind = kinds[index % len(kinds)]
        device = f"bench-{kind}-{index}"
        value, wrong = value_of(kind, index, due, rng)
        reading = {
            "device": device,
            "type": kind,
            "value": value,
            "unit": RANGES[kind][0],
            "time": datetime.fromtimestamp(due, timezone.utc).isoformat(timespec="milliseconds"),
        }
        headers = {"anomaly": "spike" if wrong else "none"}
        try:
            producer.produce(READINGS, json.dumps(reading), key=device, headers=headers, on_delivery=delivered)
        except BufferError:
            producer.poll(0.05)
            continue
        number += 1
    producer.flush(5)


if __name__ == "__main__":
    main()
