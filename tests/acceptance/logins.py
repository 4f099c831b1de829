"""Every way to reach a cluster that checks who comes, and what is said when it refuses."""

import os

import confluent_kafka
import secure_kafka
from operation import OperationTest, order


class Logins(OperationTest):
    def flags(self, password, protocol="SASL_PLAINTEXT"):
        for name, value in (("security.protocol", protocol), ("sasl.mechanism", "PLAIN"),
                            ("sasl.username", secure_kafka.USER), ("sasl.password", password)):
            yield from ("-X", f"{name}={value}")

    def test_a_login_may_be_encrypted_and_stand_in_a_file(self):
        self.given(order("a", 0))
        config = self.folder / "kafka.properties"
        config.write_text(
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
            f"sasl.username={secure_kafka.USER}\nsasl.password=${{PASSWORD}}\n"
            f"ssl.ca.location={os.environ['WEIR_TEST_CA']}\n")
        run = self.finish(self.job(), "--drain", "--config", config,
                          brokers=os.environ["WEIR_TEST_SASL_TLS"],
                          environment={"PASSWORD": secure_kafka.PASSWORD})
        self.assertNotIn(secure_kafka.PASSWORD, run.words())
        self.assertEqual(self.results(), {("a", 1)})

    def test_a_wrong_password_is_77_encrypted_too(self):
        self.given()
        run = self.finish(self.job(), *self.flags("wrong", "SASL_SSL"), "-X",
                          f"ssl.ca.location={os.environ['WEIR_TEST_CA']}", code=77,
                          brokers=os.environ["WEIR_TEST_SASL_TLS"])
        self.assertIn("refuse the login", run.words())

    def test_kafka_4_refuses_what_an_old_client_calls_scram_and_the_reason_is_told(self):
        version, _ = confluent_kafka.libversion()
        if tuple(int(part) for part in version.split(".")[:3]) >= (2, 6, 1):
            self.skipTest(f"librdkafka {version} logs in")
        self.given()
        for mechanism in secure_kafka.SCRAM:
            run = self.finish(self.job(), "-X", "security.protocol=SASL_PLAINTEXT",
                              "-X", f"sasl.mechanism={mechanism}", "-X", "sasl.username=ann",
                              "-X", f"sasl.password=${{PASSWORD}}", code=77,
                              brokers=os.environ["WEIR_TEST_SASL"],
                              environment={"PASSWORD": secure_kafka.PASSWORD})
            self.assertIn("refuse the login", run.words())
            self.assertIn(f"librdkafka {version} cannot log in to Kafka 4 by SCRAM", run.words())

    def test_a_password_comes_from_outside(self):
        self.given(order("a", 0))
        secret = self.folder / "secret"
        secret.write_text(secure_kafka.PASSWORD + "\n")
        run = self.finish(self.job(), "--drain", *self.flags(f"${{file:{secret}}}"),
                          brokers=os.environ["WEIR_TEST_SASL"])
        self.assertNotIn(secure_kafka.PASSWORD, run.words())
        self.assertEqual(self.results(), {("a", 1)})

    def test_the_environment_of_producers_is_enough(self):
        self.given(order("a", 0))
        run = self.finish(self.job(), "--drain", brokers=os.environ["WEIR_TEST_SASL"],
                          environment={"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
                                       "KAFKA_SASL_MECHANISM": "PLAIN",
                                       "KAFKA_SASL_USERNAME": secure_kafka.USER,
                                       "KAFKA_SASL_PASSWORD": secure_kafka.PASSWORD})
        self.assertNotIn(secure_kafka.PASSWORD, run.words())
        self.assertEqual(self.results(), {("a", 1)})

    def test_a_refused_login_is_77_and_shows_no_secret(self):
        sasl = os.environ["WEIR_TEST_SASL"]
        run = self.finish(self.job(), *self.flags("${WRONG}"), code=77, brokers=sasl,
                          environment={"WRONG": "wrong-marker"})
        self.assertIn("refuse the login", run.words())
        self.assertIn("Invalid username or password", run.words())
        self.assertNotIn("wrong-marker", run.words())
        _, words = self.weir("consume", "any", "--brokers", sasl, *self.flags("no"), code=77)
        self.assertIn("Invalid username or password", words)

    def test_certificates_are_checked(self):
        self.given(order("a", 0))
        tls = os.environ["WEIR_TEST_TLS"]
        protocol = ("-X", "security.protocol=SSL")
        words = self.finish(self.job(), *protocol, code=77, brokers=tls).words()
        self.assertIn("certificate", words)
        self.finish(self.job(), "--drain", *protocol, "-X",
                    f"ssl.ca.location={os.environ['WEIR_TEST_CA']}", brokers=tls)
        self.assertEqual(self.results(), {("a", 1)})
