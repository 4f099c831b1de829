"""From the start of a job to its first result, beside a bare consumer in the same run."""

import time
import uuid

import confluent_kafka as kafka

from cluster import ends_of
from operation import BROKERS, START, OperationTest, order

PASS = """weir: 1
job: NAME
errors: {dlq: NAME.dlq}
streams:
  orders: {topic: TOPIC.in, fields: {id: string}}
pipelines:
  all:
    from: orders
    to: {topic: TOPIC.out, key: id}
"""
PATIENCE_S = 30


def client(group, **more):
    return kafka.Consumer({"bootstrap.servers": BROKERS, "group.id": group,
                           "isolation.level": "read_committed", "auto.offset.reset": "earliest",
                           "fetch.wait.max.ms": 10, **more})


def first_message(consumer):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            return
    raise AssertionError("nothing came")


class FirstResult(OperationTest):
    def bare(self):
        began = time.monotonic()
        consumer = client(str(uuid.uuid4()))
        consumer.subscribe([f"{self.name}.in"])
        first_message(consumer)
        seconds = time.monotonic() - began
        consumer.close()
        return seconds

    def whole(self, name):
        """From the start of the process to a result that others can read."""
        topic = f"{self.name}.out"
        watch = client(str(uuid.uuid4()))
        _, end = ends_of(watch, topic, 0)
        watch.assign([kafka.TopicPartition(topic, 0, end)])
        watch.poll(0.2)
        began = time.monotonic()
        run = self.start(self.job(PASS, name=name, TOPIC=self.name))
        first_message(watch)
        seconds = time.monotonic() - began
        watch.close()
        self.assertEqual(run.stop(), 0)
        return seconds

    def test_it_comes_soon_after_what_the_broker_makes_a_member_wait(self):
        self.given(order("a", 0))
        self.cluster.create(f"{self.name}.out", 1)
        rounds = [(self.whole(f"{self.name}-{number}"), self.bare()) for number in range(5)]
        beyond = min(whole for whole, _ in rounds) - min(bare for _, bare in rounds)
        print(f"first result: {beyond * 1000:.0f} ms beyond a bare consumer "
              f"({[(round(whole, 3), round(bare, 3)) for whole, bare in rounds]})")
        # Less than 0.3 s in an optimised build on a machine that does nothing else.
        self.assertLess(beyond, 1)
