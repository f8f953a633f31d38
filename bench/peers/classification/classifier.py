"""Classifies the images of one topic and sends the results to another: one at a time, as such workers are written."""

import base64
import io
import json
import os
import time

import numpy
import onnxruntime
from PIL import Image

from clients import open_consumer, open_producer
from settings import CLIENT, IMAGES, RESULTS, SERVERS, ending


def open_model(folder):
    """A function from an encoded image to its five likeliest labels with their probabilities."""
    with open(f"{folder}/card.json") as file:
        card = json.load(file)
    labels = card.get("labels") or open(f"{folder}/{card['labelsFile']}").read().splitlines()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("ONNX_THREADS", "1"))
    session = onnxruntime.InferenceSession(
        f"{folder}/{card['file']}", options, providers=["CPUExecutionProvider"]
    )
    spec = card["input"]
    mean = numpy.array(spec["mean"], dtype=numpy.float32)
    std = numpy.array(spec["std"], dtype=numpy.float32)
    name = session.get_inputs()[0].name

    def classify(encoded):
        image = Image.open(io.BytesIO(encoded)).convert("RGB")
        if image.size != (spec["width"], spec["height"]):
            image = image.resize((spec["width"], spec["height"]))
        pixels = (numpy.asarray(image, dtype=numpy.float32) * spec["scale"] - mean) / std
        if spec["layout"] == "NCHW":
            pixels = pixels.transpose(2, 0, 1)
        logits = session.run(None, {name: numpy.ascontiguousarray(pixels[numpy.newaxis], numpy.float32)})[0][0]
        odds = numpy.exp(logits - logits.max())
        scores = odds / odds.sum()
        best = numpy.argsort(scores)[::-1][:5]
        return [{"label": labels[i], "score": float(scores[i])} for i in best]

    return card["name"], classify


def main():
    model, classify = open_model(os.environ.get("MODEL_DIR", "/model"))
    producer = open_producer(CLIENT, SERVERS)
    consumer = open_consumer(CLIENT, SERVERS, f"{IMAGES}-classifier", [IMAGES])
    while not ending.is_set():
        for message in consumer.read():
            image = json.loads(message.value)
            picked = time.time_ns() // 1000
            top = classify(base64.b64decode(image["image"]))
            result = {
                "id": image["id"],
                "producer": image["producer"],
                "scheduledUs": image["scheduledUs"],
                "model": model,
                "top": top,
                "pickedUs": picked,
                "inferenceMs": (time.time_ns() // 1000 - picked) / 1000,
            }
            producer.send(RESULTS, image["id"].encode(), json.dumps(result).encode())
    consumer.close()
    producer.close()


if __name__ == "__main__":
    main()
