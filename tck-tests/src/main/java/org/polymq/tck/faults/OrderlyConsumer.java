/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.Endpoints;

/** A member of an orderly group, as a process that can be killed. Used by one thread. */
final class OrderlyConsumer {
    private final Child child;
    private final Runnable gone;

    private OrderlyConsumer(Child child, Runnable gone) {
        this.child = child;
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
        List<String> command = version.program(
                "OrderlyConsumerMain", options, List.of(server.nameServer(), topic + "-readers", topic, member));
        Child child = Child.start(command, member, words -> tell(watch, member, words), watch::broken);
        return new OrderlyConsumer(child, () -> watch.gone(member));
    }

    private static void tell(QueueWatch watch, String member, String words) {
        if (words.startsWith("+") || words.startsWith("-")) {
            watch.add(member, words);
        }
    }

    /** {@code kill -9}, or SIGTERM, which lets it finish what it has in hand; returns when all it said was read. */
    void end(boolean hard) throws InterruptedException {
        child.end(hard, gone);
    }
}
