"""What all programs of a peer are told, by their environment."""

import os
import signal
import threading

CLIENT = os.environ["CLIENT"]
SERVERS = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
IMAGES = os.environ["IMAGES_TOPIC"]
RESULTS = os.environ["RESULTS_TOPIC"]

#: Set when the program is to end.
ending = threading.Event()

for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: ending.set())
