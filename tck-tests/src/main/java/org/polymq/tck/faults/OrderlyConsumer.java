/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.Endpoints;

/** A member of an orderly group, as a process that can be killed. Used by one thread. */
final class OrderlyConsumer {
    private final Process process;
    private final Thread reader;
    private final Runnable gone;

    private OrderlyConsumer(Process process, Thread reader, Runnable gone) {
        this.process = process;
        this.reader = reader;
        this.gone = gone;
    }

    /** Starts one; what it does is told to {@code watch}. */
    static OrderlyConsumer start(
            RocketMqVersion version, Endpoints server, String topic, String member, Path home, QueueWatch watch)
            throws IOException {
        List<String> options = List.of(
                "-Duser.home=" + home,
                "-Drocketmq.client.logRoot=" + home,
                "-Drocketmq.client.rebalance.waitInterval=1000",
                "-Drocketmq.client.rebalance.minInterval=500",
                "-Drocketmq.client.rebalance.lockInterval=1000",
                "-Drocketmq.client.rebalance.lockMaxLiveTime=10000");
        Process process = new ProcessBuilder(version.program(
                        "OrderlyConsumerMain", options, List.of(server.nameServer(), topic + "-readers", topic, member)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread reader = new Thread(() -> read(process, member, watch), "reads what " + member + " does");
        reader.start();
        return new OrderlyConsumer(process, reader, () -> watch.gone(member));
    }

    private static void read(Process process, String member, QueueWatch watch) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c != '\n') {
                    line.append((char) c);
                    continue;
                }
                String words = line.toString();
                if (words.startsWith("+") || words.startsWith("-")) {
                    watch.add(member, words);
                }
                line.setLength(0);
            }
        } catch (IOException e) {
            watch.broken(member + ": " + e);
        }
    }

    /** {@code kill -9}, or SIGTERM, which lets it finish what it has in hand; returns when all it said was read. */
    void end(boolean hard) throws InterruptedException {
        // By its handle: destroying the process itself would close what it said and was not read yet.
        boolean asked = hard
                ? process.toHandle().destroyForcibly()
                : process.toHandle().destroy();
        if (!asked) {
            throw new IllegalStateException("process " + process.pid() + " cannot be ended");
        }
        process.waitFor();
        gone.run();
        reader.join();
    }
}
