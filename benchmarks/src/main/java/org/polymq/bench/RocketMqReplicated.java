/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * RocketMQ 5.5.0 with a synchronous replica: a SYNC_MASTER that answers when its one SLAVE has the message too
 * ({@code inSyncReplicas=2}: with the default of 1 it does not wait), each a JVM of its own; ASYNC_FLUSH on both.
 */
record RocketMqReplicated() implements BrokerKind {
    @Override
    public String name() {
        return "rocketmq-sync";
    }

    @Override
    public boolean stores() {
        return true;
    }

    @Override
    public Running start(Layout layout, Path directory) throws IOException, InterruptedException {
        long start = System.nanoTime();
        String nameServer = Integer.toString(FreePorts.block(1));
        // A broker also takes port - 2 and port + 1.
        int brokers = FreePorts.block(10) + 2;
        Child master = RocketMq.launch(
                layout, directory.resolve("master"), nameServer, Integer.toString(brokers), "SYNC_MASTER");
        master.await(READY, "READY");
        Child slave =
                RocketMq.launch(layout, directory.resolve("slave"), nameServer, Integer.toString(brokers + 5), "SLAVE");
        slave.await(READY, "READY");
        master.await(READY, "REPLICATED");
        return new Running(master, List.of(slave), "127.0.0.1:" + nameServer, (System.nanoTime() - start) / 1_000_000);
    }
}
