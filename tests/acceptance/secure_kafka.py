"""A Kafka with every kind of listener, for one program: with_kafka.sh with what that needs."""

import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile

WITH_KAFKA = pathlib.Path(__file__).resolve().parents[1] / "broker" / "with_kafka.sh"
USER, PASSWORD = "ann", "hunter2-marker"
STRANGER = "bob"  # With the same password, and no rights but those that a test gives.
LOGIN = f"""
KafkaServer {{
  org.apache.kafka.common.security.plain.PlainLoginModule required
  user_{USER}="{PASSWORD}"
  user_{STRANGER}="{PASSWORD}";
  org.apache.kafka.common.security.scram.ScramLoginModule required;
}};
"""
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")


def free_ports(count):
    """The first of `count` free ports in a row, below those that the kernel gives away. Anywhere:
    another test may look for some at the same time."""
    for first in range(random.randrange(20_000, 31_000), 32_000):
        try:
            for port in range(first, first + count):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    sys.exit("found no free ports")


def run_beside(program, *options):
    """Replaces this process. The program finds WEIR_TEST_{BROKERS,SASL,TLS,SASL_TLS,CA,KAFKA_DIR}.

    SASL takes passwords, as they are or by SCRAM, and SASL_TLS the same encrypted. `options` are
    kafka.sh's."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-secure-"))
    store = folder / "keys.p12"
    keytool = ["keytool", "-keystore", store, "-storepass", "secret", "-alias", "broker"]
    subprocess.run([*keytool, "-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext",
                    "san=ip:127.0.0.1", "-storetype", "PKCS12"], check=True, capture_output=True)
    subprocess.run([*keytool, "-exportcert", "-rfc", "-file", folder / "ca.pem"], check=True,
                   capture_output=True)
    (folder / "login.conf").write_text(LOGIN)
    port = free_ports(5)
    sasl, tls, sasl_tls = (f"127.0.0.1:{port + at}" for at in (2, 3, 4))
    public = f"PLAINTEXT://127.0.0.1:{port},SASL://{sasl},TLS://{tls},SASL_TLS://{sasl_tls}"
    settings = {
        "listeners": f"{public},CONTROLLER://127.0.0.1:{port + 1}", "advertised.listeners": public,
        "listener.security.protocol.map":
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,"
            "SASL_TLS:SASL_SSL",
        "inter.broker.listener.name": "PLAINTEXT",
        "sasl.enabled.mechanisms": ",".join(("PLAIN", *SCRAM)),
        "ssl.keystore.type": "PKCS12", "ssl.keystore.location": store,
        "ssl.keystore.password": "secret",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{USER}", "group.min.session.timeout.ms": 1000}
    environment = {**os.environ, "WEIR_TEST_SASL": sasl, "WEIR_TEST_TLS": tls,
                   "WEIR_TEST_SASL_TLS": sasl_tls, "WEIR_TEST_CA": str(folder / "ca.pem"),
                   "WEIR_KAFKA_FORMAT": " ".join(
                       f"--add-scram {how}=[name={USER},password={PASSWORD}]" for how in SCRAM),
                   "WEIR_KAFKA_JVM": f"-Djava.security.auth.login.config={folder}/login.conf"}
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    os.execve(WITH_KAFKA, [str(WITH_KAFKA), "--port", str(port), *options, *words, "--",
                            *program],
              environment)
