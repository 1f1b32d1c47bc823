/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.nio.file.Path;

/**
 * Where things are in the checkout.
 *
 * @param root the checkout
 */
record Layout(Path root) {
    /** Class path of the peers and of the load generator: the official jars as their own poms resolve them. */
    String peerClassPath() {
        return classes() + ":" + root.resolve("benchmarks/peer/target/lib") + "/*";
    }

    /** Class path of Artemis and its client, as their own poms resolve them. */
    String artemisClassPath() {
        return classes() + ":" + root.resolve("benchmarks/artemis/target/lib") + "/*";
    }

    /** Class path of HiveMQ, as its own pom resolves it. */
    String hiveMqClassPath() {
        return classes() + ":" + root.resolve("benchmarks/hivemq/target/lib") + "/*";
    }

    /** Class path of our own parts. */
    String ownClassPath() {
        return classes() + ":" + root.resolve("benchmarks/target/lib") + "/*";
    }

    private Path classes() {
        return root.resolve("benchmarks/target/classes");
    }
}
