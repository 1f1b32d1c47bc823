/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.polymq.broker.Broker;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.connector.ConnectorSettings;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.SubscriptionKey;

/**
 * A broker's core with a bridge, as a process that can be killed. It publishes numbers to {@code out/numbers} and
 * prints {@code SENT n} when one is stored; for each message under {@code in/} it prints {@code GOT n}, and
 * acknowledges it then.
 */
public final class BridgeNode {
    private static final SubscriptionKey ARRIVED = SubscriptionKey.jmsDurable("checker", "arrived");

    private BridgeNode() {}

    /**
     * @param args data directory, directory of plugins, the bridge's definition, first and last number, bytes of a body
     */
    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        Path plugins = Path.of(args[1]);
        Broker broker = TestBroker.open(data);
        BridgeNode.<Done>await(
                reply -> broker.subscriptions().subscribe(ARRIVED, List.of("in/#"), "", Lane.direct(), reply));
        ConnectorKinds kinds = new ConnectorKinds(
                data.resolve("none"),
                new ConnectorSettings(plugins, Optional.empty(), Duration.ofMinutes(1), 10),
                BridgeNode.class.getClassLoader());
        ConnectorRunner runner =
                new ConnectorRunner(broker.forConnectors(), kinds, new SimpleMeterRegistry(), InstantSource.system());
        runner.start();
        if (broker.forConnectors().connectors().find("b").isEmpty()) {
            runner.create("b", "bridge", "", Target.RUNNING, definition(Path.of(args[2])))
                    .get(1, TimeUnit.MINUTES);
        }
        awaitLinks(runner, 2, task -> true); // from then on what is published is kept for the bridge
        say("READY");
        printArrivals(broker);
        Thread watch = new Thread(() -> {
            awaitLinks(runner, 2, task -> task.state() == State.RUNNING);
            say("UP");
        });
        watch.setDaemon(true);
        watch.start();
        publish(broker, Long.parseLong(args[3]), Long.parseLong(args[4]), Integer.parseInt(args[5]));
        say("PUBLISHED");
        while (true) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            say("LAG " + runner.get("b").lag() + " HEAP "
                    + (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) + " "
                    + runner.get("b").status().tasks());
        }
    }

    private static void awaitLinks(ConnectorRunner runner, int count, Predicate<Task> wanted) {
        while (runner.get("b").status().tasks().stream().filter(wanted).count() < count) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static Map<String, String> definition(Path file) throws Exception {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        }
        Map<String, String> definition = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> definition.put(key, properties.getProperty(key)));
        return definition;
    }

    private static void publish(Broker broker, long from, long to, int size) throws InterruptedException {
        for (long number = from; number < to; number++) {
            StringBuilder text = new StringBuilder(size + 20).append(number).append(' ');
            while (text.length() < size) {
                text.append('x');
            }
            Message message = Message.to(Address.split("out/numbers"))
                    .origin(Origin.MQTT)
                    .body(BodyKind.BYTES, text.toString().getBytes(StandardCharsets.US_ASCII))
                    .build();
            BridgeNode.<Stored>await(
                    reply -> broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), reply));
            say("SENT " + number);
            if (size < 1_000) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
        }
    }

    private static void printArrivals(Broker broker) {
        BlockingQueue<List<Delivery>> arrived = new LinkedBlockingQueue<>();
        var consumer = broker.subscriptions()
                .attach(
                        ARRIVED,
                        ConsumerOptions.exclusive(Lane.direct()),
                        new org.polymq.broker.subscription.Consumer.Listener() {
                            @Override
                            public void delivered(List<Delivery> batch) {
                                arrived.add(batch);
                            }

                            @Override
                            public void ended() {}
                        });
        Thread printer = new Thread(() -> {
            try {
                while (true) {
                    List<Delivery> batch = arrived.take();
                    for (Delivery delivery : batch) {
                        say("GOT " + Numbers.of(delivery.message().toMessage().body()));
                    }
                    consumer.accept(batch, true, Reply.of(done -> {}, refused -> say("REFUSED " + refused)));
                    consumer.credit(batch.size(), 1 << 20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        printer.setDaemon(true);
        printer.start();
        consumer.credit(200, 1 << 24);
    }

    private static <T> T await(Consumer<Reply<T>> request) throws InterruptedException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        request.accept(Reply.of(answer::complete, answer::completeExceptionally));
        return answer.orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
