/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The official client in its own process, pointed at one broker. One thread uses it. */
final class Load implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofHours(2);

    private final Child child;

    private Load(Child child) {
        this.child = child;
    }

    static Load start(Layout layout, Path directory, BrokerKind.Running broker)
            throws IOException, InterruptedException {
        List<String> options = List.of(
                "-Xms512m",
                "-Xmx512m",
                "-XX:+UseParallelGC",
                "-Drocketmq.serialize.type=ROCKETMQ", // as the official benchmark programs set it
                "-Drocketmq.client.logRoot=" + directory.resolve("client-logs"),
                "-Duser.home=" + directory);
        Child child = Child.java(
                directory.resolve("load.log"),
                options,
                layout.peerClassPath(),
                "org.polymq.bench.load.NativeLoad",
                broker.nameServer(),
                broker.stat().toString());
        child.await(BrokerKind.READY, "READY");
        return new Load(child);
    }

    /**
     * Runs one scenario and waits for its figures.
     *
     * @throws IllegalStateException with the load's own words, if it failed
     */
    Fields run(String scenario, Fields settings) throws IOException, InterruptedException {
        child.write(scenario + " " + settings);
        String line = child.await(PATIENCE, "RESULT", "ERROR");
        if (line.startsWith("ERROR")) {
            throw new IllegalStateException(scenario + " " + settings + ": " + line.substring(6));
        }
        return Fields.parse(line.substring(7));
    }

    @Override
    public void close() {
        child.close();
    }
}
