"""Sends images at a fixed rate as base64 in JSON and reads their results back, as edgelab's producer does.

Every image has its own time, whatever happened to those before it; its latency counts from then to its result. At the
end it writes [[scheduled µs, latency µs or null], …] to /out/<name>.json.
"""

import base64
import io
import json
import os
import threading
import time

import numpy
from PIL import Image

from clients import open_consumer, open_producer
from settings import CLIENT, IMAGES, RESULTS, SERVERS, ending

NAME = os.environ["PRODUCER_NAME"]
RATE = float(os.environ["IMAGES_PER_SECOND"])
RECORD_BYTES = 2 + 3 * 32 * 32


def encoded(records, index, cache={}):
    """Image number `index` as PNG in base64; each is encoded once."""
    if index not in cache:
        planes = records[index][2:].reshape(3, 32, 32).transpose(1, 2, 0)
        file = io.BytesIO()
        Image.fromarray(planes).save(file, "PNG")
        cache[index] = base64.b64encode(file.getvalue()).decode()
    return cache[index]


def now_us():
    return time.time_ns() // 1000


def read_results(consumer, scheduled, latency, lock):
    """Notes when the result of each image of this producer came."""
    while not ending.is_set():
        for message in consumer.read():
            result = json.loads(message.value)
            if result["producer"] != NAME:
                continue
            received = now_us()
            with lock:
                due = scheduled.get(result["id"])
                if due is not None:
                    latency.setdefault(result["id"], received - due)


def main():
    records = numpy.fromfile("/data/test.bin", dtype=numpy.uint8).reshape(-1, RECORD_BYTES)
    producer = open_producer(CLIENT, SERVERS)
    consumer = open_consumer(CLIENT, SERVERS, f"{RESULTS}-{NAME}", [RESULTS], "latest")
    scheduled, latency, lock = {}, {}, threading.Lock()
    reader = threading.Thread(target=read_results, args=(consumer, scheduled, latency, lock))
    reader.start()
    first = sum(NAME.encode()) * 97 % len(records)
    start = time.time()
    number = 0
    while not ending.is_set():
        # Encoded before it is due, as edgelab's producer does.
        image = encoded(records, (first + number) % len(records))
        due = start + number / RATE
        pause = due - time.time()
        if pause > 0 and ending.wait(pause):
            break
        identity = f"{NAME}.{int(start)}.{number}"
        with lock:
            scheduled[identity] = int(due * 1e6)
        message = {"id": identity, "producer": NAME, "scheduledUs": int(due * 1e6), "image": image}
        producer.send(IMAGES, identity.encode(), json.dumps(message).encode())
        number += 1
    reader.join()
    producer.close()
    consumer.close()
    with open(f"/out/{NAME}.json", "w") as file:
        json.dump([[due, latency.get(identity)] for identity, due in scheduled.items()], file)


if __name__ == "__main__":
    main()
