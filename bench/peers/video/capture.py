"""The usual way from a camera to Kafka: OpenCV decodes each frame, encodes it anew, and kafka-python sends it.

kafka-python is what tutorials of this kind use. Usage: capture.py URL TOPIC BOOTSTRAP[,BOOTSTRAP…] FPS
"""

import sys
import time

import cv2
from kafka import KafkaProducer

JPEG_QUALITY = 90


def main(url: str, topic: str, bootstrap: str, fps: float) -> None:
    """Sends frames until it is told to end; `captured-us` is when VideoCapture.read() returned."""
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), acks="all", max_request_size=4 << 20)
    capture = cv2.VideoCapture(url)
    due = time.monotonic()
    seq = 0
    while True:
        ok, frame = capture.read()
        if not ok:
            capture.release()
            capture = cv2.VideoCapture(url)
            continue
        captured_us = time.time_ns() // 1000
        if time.monotonic() < due - 0.5 / fps:
            continue
        due = max(due + 1 / fps, time.monotonic() - 1 / fps)
        encoded, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not encoded:
            continue
        headers = [
            ("camera", b"peer"),
            ("seq", str(seq).encode()),
            ("captured-us", str(captured_us).encode()),
        ]
        producer.send(topic, jpeg.tobytes(), key=b"peer", headers=headers)
        seq += 1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
