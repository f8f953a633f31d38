"""What all programs of the peer are told, by their environment, and what they have in common."""

import os
import signal
import sys
import threading

SERVERS = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
READINGS = os.environ["READINGS_TOPIC"]
ALERTS = os.environ["ALERTS_TOPIC"]

#: Unit, least and greatest value that a sensor of each type can show; motion is true or false.
RANGES = {
    "temperature": ("°C", -90, 100),
    "humidity": ("%", 0, 100),
    "pressure": ("hPa", 300, 1100),
    "motion": ("", 0, 1),
    "light": ("lux", 0, 200_000),
}

#: Set when the program is to end.
ending = threading.Event()

for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: ending.set())


def open_producer():
    """Sends as edgelab does: all replicas have a message before it counts, and none is there twice."""
    from confluent_kafka import Producer

    return Producer({"bootstrap.servers": SERVERS, "acks": "all", "enable.idempotence": True})


def open_consumer(group, topics):
    """A member of a group that says itself how far it is."""
    from confluent_kafka import Consumer

    consumer = Consumer(
        {
            "bootstrap.servers": SERVERS,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe(topics)
    return consumer


def good(messages):
    """The messages that are none of the client's own errors."""
    for message in messages:
        if message.error() is None:
            yield message
        else:
            print(f"not read: {message.error()}", file=sys.stderr)


def delivered(error, _message):
    """Tells of what Kafka did not take."""
    if error is not None:
        print(f"not delivered: {error}", file=sys.stderr)
