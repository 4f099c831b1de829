"""A Kafka cluster as the tests see it: topics are made, records go in, results come out.

Written on a client of its own, so that what is tested is not what measures.
"""

import time
import uuid
from dataclasses import dataclass, field

import confluent_kafka as kafka
from confluent_kafka.admin import AdminClient, NewTopic

TIMEOUT_S = 60


@dataclass
class Record:
    """A record to be written, or one that was read."""
    value: bytes | None
    timestamp: int
    partition: int = 0
    key: bytes | None = None
    headers: list = field(default_factory=list)
    offset: int = -1


def ends_of(consumer, topic, partition):
    """The first offset and the one behind the last. Also of a partition whose broker has not heard
    yet that it leads it."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return consumer.get_watermark_offsets(kafka.TopicPartition(topic, partition), TIMEOUT_S)
        except kafka.KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Cluster:
    def __init__(self, brokers):
        self.brokers = brokers
        self.admin = AdminClient({"bootstrap.servers": brokers})

    def create(self, topic, partitions, **config):
        """Makes a topic that keeps everything, however old its records are."""
        settings = {"retention.ms": "-1", **config}
        made = self.admin.create_topics([NewTopic(topic, partitions, 1, config=settings)])
        made[topic].result(TIMEOUT_S)
        deadline = time.monotonic() + TIMEOUT_S
        while not self._is_known(topic, partitions):  # Made it is before brokers tell of it.
            if time.monotonic() > deadline:
                raise AssertionError(f"no broker has heard of {topic}")
            time.sleep(0.05)

    def _is_known(self, topic, partitions):
        found = self.admin.list_topics(timeout=TIMEOUT_S).topics.get(topic)
        return found is not None and len(found.partitions) == partitions and \
            all(one.leader >= 0 for one in found.partitions.values())

    def topics(self):
        return set(self.admin.list_topics(timeout=TIMEOUT_S).topics)

    def partitions(self, topic):
        return len(self.admin.list_topics(topic, timeout=TIMEOUT_S).topics[topic].partitions)

    def write(self, topic, records):
        """Writes the records, each partition in the order given."""
        failed = []

        def delivered(error, _):
            if error is not None:
                failed.append(error)

        producer = kafka.Producer({"bootstrap.servers": self.brokers, "linger.ms": 20,
                                   "enable.idempotence": True})
        for record in records:
            while True:
                try:
                    producer.produce(topic, record.value, record.key, record.partition,
                                     on_delivery=delivered, timestamp=record.timestamp,
                                     headers=record.headers)
                    break
                except BufferError:
                    producer.poll(0.1)
        left = producer.flush(TIMEOUT_S)
        if failed or left:
            raise RuntimeError(f"{topic}: {left} records not written, errors {failed[:3]}")

    def read(self, topic):
        """All that readers of committed results see, each partition in its order."""
        return self.read_all([topic])[topic]

    def read_all(self, topics):
        """The same of several topics: {topic: records}."""
        consumer = kafka.Consumer({
            "bootstrap.servers": self.brokers, "group.id": f"reader-{uuid.uuid4()}",
            "isolation.level": "read_committed", "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "enable.partition.eof": True})
        try:
            there = self.admin.list_topics(timeout=TIMEOUT_S).topics
            wanted = [kafka.TopicPartition(topic, p, 0) for topic in topics
                      for p in range(len(there[topic].partitions))]
            consumer.assign(wanted)
            return self._until_end(consumer, topics, len(wanted))
        finally:
            consumer.close()

    @staticmethod
    def _until_end(consumer, topics, partitions):
        records = {topic: [] for topic in topics}
        ended, deadline = set(), time.monotonic() + TIMEOUT_S
        while len(ended) < partitions:
            for message in consumer.consume(1000, 0.2):
                error = message.error()
                if error is None:
                    records[message.topic()].append(
                        Record(message.value(), message.timestamp()[1], message.partition(),
                               message.key(), message.headers() or [], message.offset()))
                elif error.code() == kafka.KafkaError._PARTITION_EOF:
                    ended.add((message.topic(), message.partition()))
                else:
                    raise RuntimeError(str(error))
            if time.monotonic() > deadline:
                raise RuntimeError("the end of a topic was not reached")
        for found in records.values():
            found.sort(key=lambda record: (record.partition, record.offset))
        return records
