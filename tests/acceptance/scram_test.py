#!/usr/bin/python3
"""Logins by SCRAM, on Kafka 3.9: Debian's librdkafka makes them in a way that Kafka 4 refuses.
What is said there is in logins.py.

    scram_test.py [TEST...]     WEIR_BINARY names the program; it starts its own broker
"""

import os
import sys
import unittest

sys.dont_write_bytecode = True

try:
    import confluent_kafka  # noqa: F401
except ModuleNotFoundError:
    print("skipped: there is no confluent_kafka for this python (python3-confluent-kafka)")
    sys.exit(77)

import secure_kafka
from operation import OperationTest, order


class Scram(OperationTest):
    def flags(self, mechanism, protocol):
        for name, value in (("security.protocol", protocol), ("sasl.mechanism", mechanism),
                            ("sasl.username", secure_kafka.USER), ("sasl.password", "${PASSWORD}"),
                            ("ssl.ca.location", os.environ["WEIR_TEST_CA"])):
            yield from ("-X", f"{name}={value}")

    def ways(self):
        for protocol, where in (("SASL_PLAINTEXT", "WEIR_TEST_SASL"),
                                ("SASL_SSL", "WEIR_TEST_SASL_TLS")):
            for mechanism in secure_kafka.SCRAM:
                yield os.environ[where], list(self.flags(mechanism, protocol))

    def test_a_job_runs_with_every_kind_of_it(self):
        orders = 0
        for brokers, flags in self.ways():
            orders += 1
            self.given(order("a", orders))
            run = self.finish(self.job(), *flags, "--until-end", brokers=brokers,
                              environment={"PASSWORD": secure_kafka.PASSWORD})
            self.assertNotIn(secure_kafka.PASSWORD, run.words())
        self.finish(self.job(), "--drain")
        self.assertEqual(self.results(), {("a", orders)})

    def test_a_wrong_password_is_77(self):
        self.given()
        for brokers, flags in self.ways():
            run = self.finish(self.job(), *flags, code=77, brokers=brokers,
                              environment={"PASSWORD": "wrong-marker"})
            self.assertIn("refuse the login", run.words())
            self.assertNotIn("wrong-marker", run.words())


if __name__ == "__main__":
    if "WEIR_TEST_BROKERS" not in os.environ:
        secure_kafka.run_beside([sys.executable, os.path.abspath(__file__), *sys.argv[1:]],
                                "--version", "3.9.2")
    unittest.main(verbosity=2)
