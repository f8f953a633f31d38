"""The two Kafka clients that Python programs use, behind the little that the peers need of them.

Both producers wait for all replicas and send at once, as edgelab's does. Both consumers commit by time in the
background, which is their default.
"""

import sys


class Message:
    """A message as it was read."""

    __slots__ = ("topic", "value")

    def __init__(self, topic, value):
        self.topic = topic
        self.value = value


class ConfluentProducer:
    def __init__(self, servers):
        from confluent_kafka import Producer

        self._producer = Producer(
            {"bootstrap.servers": servers, "acks": "all", "enable.idempotence": True, "linger.ms": 0}
        )

    def send(self, topic, key, value):
        self._producer.produce(topic, value, key=key, on_delivery=_confluent_delivered)
        self._producer.poll(0)

    def close(self):
        self._producer.flush(5)


def _confluent_delivered(error, _message):
    if error is not None:
        print(f"not delivered: {error}", file=sys.stderr)


class ConfluentConsumer:
    def __init__(self, servers, group, topics, reset):
        from confluent_kafka import Consumer

        self._consumer = Consumer(
            {
                "bootstrap.servers": servers,
                "group.id": group,
                "auto.offset.reset": reset,
                "session.timeout.ms": 10_000,
            }
        )
        self._consumer.subscribe(topics)

    def read(self):
        """The next message, as soon as there is one; none when there was none for a while."""
        return self._good([self._consumer.poll(0.5)])

    def read_many(self, most, seconds):
        """As many messages as come within a time."""
        return self._good(self._consumer.consume(most, timeout=seconds))

    def _good(self, messages):
        good = []
        for message in messages:
            if message is None:
                continue
            if message.error() is not None:
                print(f"not read: {message.error()}", file=sys.stderr)
                continue
            good.append(Message(message.topic(), message.value()))
        return good

    def close(self):
        self._consumer.close()


class KafkaPythonProducer:
    def __init__(self, servers):
        from kafka import KafkaProducer

        self._producer = KafkaProducer(bootstrap_servers=servers.split(","), acks="all", linger_ms=0)

    def send(self, topic, key, value):
        self._producer.send(topic, value, key=key).add_errback(_kafka_python_failed)

    def close(self):
        self._producer.flush(5)
        self._producer.close(5)


def _kafka_python_failed(error):
    print(f"not delivered: {error}", file=sys.stderr)


class KafkaPythonConsumer:
    def __init__(self, servers, group, topics, reset):
        from kafka import KafkaConsumer

        self._consumer = KafkaConsumer(
            *topics,
            bootstrap_servers=servers.split(","),
            group_id=group,
            auto_offset_reset=reset,
            session_timeout_ms=10_000,
        )

    def read(self):
        """What has come, as soon as there is something; none when there was none for a while."""
        return self._flat(self._consumer.poll(timeout_ms=500))

    def read_many(self, most, seconds):
        """What has come, as soon as there is something: this client does not wait for more."""
        return self._flat(self._consumer.poll(timeout_ms=int(seconds * 1000), max_records=most))

    def _flat(self, batches):
        return [Message(record.topic, record.value) for batch in batches.values() for record in batch]

    def close(self):
        self._consumer.close()


CLIENTS = {
    "confluent-kafka": (ConfluentProducer, ConfluentConsumer),
    "kafka-python": (KafkaPythonProducer, KafkaPythonConsumer),
}


def open_producer(client, servers):
    """A producer of the named client."""
    return CLIENTS[client][0](servers)


def open_consumer(client, servers, group, topics, reset="earliest"):
    """A member of a consumer group by the named client."""
    return CLIENTS[client][1](servers, group, topics, reset)
