/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Three clients on one server: each publishes one message, which has to arrive at the other two. */
public final class Demo {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final PrintStream out;

    public Demo(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs it against a server.
     *
     * @param nameServer {@code host:port} of the RocketMQ name server
     * @param host of the other listeners
     * @throws DemoFailedException when a message does not arrive within 30 s
     * @throws Exception of a client that cannot connect or publish
     */
    public void run(String nameServer, String host, int nativePort, int mqttPort) throws Exception {
        // The topic has to be there before a RocketMQ consumer looks for its queues; MQTT and JMS make it by
        // subscribing.
        List<DemoClient> clients = new ArrayList<>();
        try {
            clients.add(new MqttDemoClient(host, mqttPort));
            clients.add(new JmsDemoClient(host, nativePort));
            clients.add(new NativeDemoClient(nameServer));
            for (DemoClient client : clients) {
                out.printf("  %-9s publishes to and consumes from %s%n", client.name(), client.topic());
            }
            out.println();
            for (DemoClient from : clients) {
                String text = "hello from " + from.name();
                long sent = System.nanoTime();
                from.publish(text);
                for (DemoClient to : clients) {
                    if (to != from) {
                        show(from, to, text, sent);
                    }
                }
            }
        } finally {
            for (DemoClient client : clients) {
                client.close();
            }
        }
    }

    private void show(DemoClient from, DemoClient to, String text, long sent)
            throws DemoFailedException, InterruptedException {
        if (!to.awaitArrival(text, PATIENCE)) {
            throw new DemoFailedException("\"" + text + "\" did not arrive at the " + to.name() + " client within "
                    + PATIENCE.toSeconds() + " s");
        }
        out.printf(
                "  %-9s -> %-9s \"%s\" (%d ms)%n",
                from.name(), to.name(), text, (System.nanoTime() - sent) / 1_000_000);
    }
}
