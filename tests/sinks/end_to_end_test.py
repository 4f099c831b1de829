#!/usr/bin/python3
"""Jobs with sinks, as processes, beside real brokers and servers.

    with_kafka.sh -- with_mongo.sh with_postgres.sh end_to_end_test.py [TEST...]

WEIR_BINARY and MONGO_TOOL name the programs. TEST as unittest has it: storm_test,
outage_test.Outage, ... What makes a test longer stands at the top of its file; full_size.sh runs
them so.
"""

import sys
import unittest

sys.dont_write_bytecode = True

TESTS = ["options_test", "order_payments_test", "outage_test", "replay_test", "secrets_test",
         "storm_test"]

if __name__ == "__main__":
    unittest.main(module=None, argv=[sys.argv[0], "-v", *(sys.argv[1:] or TESTS)])
