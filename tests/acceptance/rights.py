"""Rights on a cluster with an authorizer, given through librdkafka: Debian's Kafka client for
python has no call for that."""

import ctypes

CONSUMER = 1  # Of rd_kafka_type_t.
TOPIC, GROUP, LITERAL, PREFIXED = 2, 3, 3, 4
READ, WRITE, CREATE, DESCRIBE, DESCRIBE_CONFIGS = 3, 4, 5, 8, 10
ALLOW = 3


def library():
    rdkafka = ctypes.CDLL("librdkafka.so.1")
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_queue_new", "rd_kafka_queue_poll",
                 "rd_kafka_AclBinding_new", "rd_kafka_event_error_string"):
        getattr(rdkafka, name).restype = ctypes.c_void_p
    return rdkafka


def allow(brokers, user, kind, name, operation, pattern=LITERAL):
    """Lets a user do something with one resource, or with all whose names begin so."""
    rdkafka, why = library(), ctypes.create_string_buffer(512)
    pointer = ctypes.c_void_p
    conf = pointer(rdkafka.rd_kafka_conf_new())
    rdkafka.rd_kafka_conf_set(conf, b"bootstrap.servers", brokers.encode(), why, len(why))
    client = pointer(rdkafka.rd_kafka_new(CONSUMER, conf, why, len(why)))
    queue = pointer(rdkafka.rd_kafka_queue_new(client))
    binding = pointer(rdkafka.rd_kafka_AclBinding_new(
        kind, name.encode(), pattern, f"User:{user}".encode(), b"*", operation, ALLOW, why,
        len(why)))
    if not binding:
        raise RuntimeError(why.value.decode())
    rdkafka.rd_kafka_CreateAcls(client, ctypes.byref(binding), 1, None, queue)
    event = pointer(rdkafka.rd_kafka_queue_poll(queue, 10_000))
    error = rdkafka.rd_kafka_event_error(event) if event else "no answer"
    if event:
        rdkafka.rd_kafka_event_destroy(event)
    rdkafka.rd_kafka_AclBinding_destroy(binding)
    rdkafka.rd_kafka_queue_destroy(queue)
    rdkafka.rd_kafka_destroy(client)
    if error:
        raise RuntimeError(f"the right was not given: {error}")
