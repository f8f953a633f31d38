"""Stores images and results in PostgreSQL, many rows a transaction."""

import base64
import json
import os

import psycopg

from clients import open_consumer
from settings import CLIENT, IMAGES, RESULTS, SERVERS, ending

TABLES = """
CREATE TABLE IF NOT EXISTS bench_images (
  id text PRIMARY KEY, producer text NOT NULL, bytes bytea NOT NULL, scheduled_us bigint NOT NULL);
CREATE TABLE IF NOT EXISTS bench_results (
  image_id text PRIMARY KEY, model text NOT NULL, top jsonb NOT NULL, inference_ms double precision NOT NULL,
  picked_us bigint NOT NULL);
"""
INSERT_IMAGE = "INSERT INTO bench_images VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
INSERT_RESULT = "INSERT INTO bench_results VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"


def connect():
    with open("/run/secrets/postgres") as file:
        password = file.read().strip()
    return psycopg.connect(
        host=os.environ["POSTGRES_HOST"],
        port=os.environ["POSTGRES_PORT"],
        dbname=os.environ["POSTGRES_DB"],
        user=os.environ["POSTGRES_USER"],
        password=password,
    )


def main():
    connection = connect()
    connection.execute(TABLES)
    connection.commit()
    consumer = open_consumer(CLIENT, SERVERS, f"{IMAGES}-recorder", [IMAGES, RESULTS])
    while not ending.is_set():
        images, results = [], []
        for message in consumer.read_many(500, 1.0):
            row = json.loads(message.value)
            if message.topic == IMAGES:
                images.append((row["id"], row["producer"], base64.b64decode(row["image"]), row["scheduledUs"]))
            else:
                top = json.dumps(row["top"])
                results.append((row["id"], row["model"], top, row["inferenceMs"], row["pickedUs"]))
        if images or results:
            with connection.cursor() as cursor:
                if images:
                    cursor.executemany(INSERT_IMAGE, images)
                if results:
                    cursor.executemany(INSERT_RESULT, results)
            connection.commit()
    consumer.close()
    connection.close()


if __name__ == "__main__":
    main()
