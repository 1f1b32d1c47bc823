#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Eclipse Paho's interoperability suites against a broker.

usage: run.py DIRECTORY PORT [TEST...]

DIRECTORY is `interoperability` of a checkout of eclipse/paho.mqtt.testing. The suites' own command lines do not take
every host and port, so this sets what they would have set. The last line of each gives the tests run and failed.
"""
import importlib
import os
import sys
import unittest


def run(name, port, tests):
    suite = importlib.import_module(name)
    prefix = "client_test5/" if name == "client_test5" else ""
    suite.host, suite.port, suite.topic_prefix = "127.0.0.1", port, prefix
    suite.topics = [prefix + t for t in ("TopicA", "TopicA/B", "Topic/C", "TopicA/C", "/TopicA")]
    suite.wildtopics = [prefix + t for t in ("TopicA/+", "+/C", "#", "/#", "/+", "+/+", "TopicA/#")]
    suite.nosubscribe_topics = ("test/nosubscribe",)
    cases = unittest.defaultTestLoader.loadTestsFromTestCase(suite.Test)
    if tests:
        cases = unittest.TestSuite(case for case in cases if case.id().rsplit(".", 1)[-1] in tests)
    result = unittest.TextTestRunner(verbosity=2).run(cases)
    failed = len(result.failures) + len(result.errors)
    return "%s: %d passed, %d failed" % (name, result.testsRun - failed, failed), failed


def main():
    directory, port, tests = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    sys.path.insert(0, os.path.abspath(directory))
    results = [run(name, port, tests) for name in ("client_test", "client_test5")]
    print("\n".join(line for line, _ in results))
    sys.exit(1 if any(failed for _, failed in results) else 0)


if __name__ == "__main__":
    main()
