/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TransactionRolledBackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.JmsTransacted;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.server.Endpoints;

/**
 * JMS local transactions in two steps: one session sends each message to a queue and to a topic in one transaction,
 * another moves it from that queue to a second one, consuming and producing in one transaction. Some of both are rolled
 * back. So the second queue, the topic's durable JMS subscriber and its MQTT QoS 2 subscriber must all get the same
 * messages, each once. A commit whose answer was lost is unknown.
 */
final class Transactions implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(100);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int ROLL_BACK_ONE_IN = 7;
    private static final int EXAMPLES = 10;
    /**
     * Messages that the second step may be behind; then the first one waits, so that the end need not wait for long.
     */
    private static final long MOST_BEHIND = 1_000;

    private final Endpoints server;
    private final String topic;
    private final Ledger ledger;
    private final Duration rest;
    private final Loop sends = new Loop("sends transactions", this::send, this::discardSender);
    private final Loop moves = new Loop("moves messages", this::move, this::discardMover);
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();
    private final List<String> readers = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private @Nullable JmsTransacted sender; // confined to its loop
    private @Nullable JmsTransacted mover; // confined to its loop

    /** @param rest between two transactions of the first step */
    Transactions(Endpoints server, String topic, Ledger ledger, Duration rest) {
        this.server = server;
        this.topic = topic;
        this.ledger = ledger;
        this.rest = rest;
    }

    /** Subscribes the readers, then starts both steps. */
    void start() throws Exception {
        String toQueue = reader("queue");
        subscribers.add(JmsProtocol.queues().subscriber(server, toQueue, outbox(), once(toQueue)));
        String toJms = reader("jms");
        subscribers.add(JmsProtocol.topics().subscriber(server, toJms, topic, once(toJms)));
        String toMqtt = reader("mqtt5-qos2");
        subscribers.add(Mqtt5Protocol.topics(2)
                .subscriber(server, toMqtt, topic, message -> ledger.received(toMqtt, message.body())));
        sends.start();
        moves.start();
    }

    /** Transactions of the first step that were acknowledged so far. */
    long committed() {
        return committed.get();
    }

    /** Transactions of the second step that were acknowledged so far. */
    long moved() {
        return moved.get();
    }

    /** Ends the first step, with one transaction that was acknowledged: what is before it has arrived when it has. */
    void finish(Duration patience) throws InterruptedException {
        long before = committed.get();
        boolean last = Pause.until(patience, () -> committed.get() > before);
        sends.stop();
        if (!last) {
            throw new IllegalStateException("no transaction was committed within " + patience);
        }
    }

    /** In words, the transactions of which one reader has something and another one has not. */
    List<String> torn() {
        List<String> torn = new ArrayList<>();
        Set<Long> all = new HashSet<>();
        readers.forEach(reader -> all.addAll(ledger.numbers(reader, topic)));
        for (String reader : readers) {
            Set<Long> missing = new HashSet<>(all);
            missing.removeAll(ledger.numbers(reader, topic));
            if (!missing.isEmpty()) {
                torn.add(missing.size() + " transactions are torn: " + reader + " has no part of "
                        + missing.stream().sorted().limit(EXAMPLES).toList());
            }
        }
        return torn;
    }

    @Override
    public void close() {
        sends.halt();
        moves.halt();
        for (Subscriber subscriber : subscribers) {
            try {
                subscriber.close();
            } catch (RuntimeException e) {
                System.err.println("closing a reader of transactions: " + e);
            }
        }
    }

    private void send() throws InterruptedException {
        if (committed.get() - moved.get() > MOST_BEHIND) {
            Pause.of(RETRY);
            return;
        }
        JmsTransacted open = sender;
        try {
            if (open == null) {
                open = JmsTransacted.connect(server);
                sender = open;
            }
        } catch (JMSException unreachable) {
            Pause.of(RETRY);
            return;
        }
        Stamp stamp = ledger.next(topic);
        try {
            byte[] body = stamp.body(ThreadLocalRandom.current().nextInt(64, 2_048));
            open.send(open.session().createQueue(inbox()), body);
            open.send(open.session().createTopic(topic), body);
            if (unlucky()) {
                ledger.refused(stamp, "rolled back by the client");
                open.session().rollback();
                return;
            }
        } catch (JMSException brokenBeforeItsCommit) {
            ledger.refused(stamp, "before its commit: " + brokenBeforeItsCommit);
            discardSender();
            Pause.of(RETRY);
            return;
        }
        try {
            open.session().commit();
            ledger.acknowledged(stamp);
            committed.incrementAndGet();
            Pause.of(rest);
        } catch (TransactionRolledBackException e) {
            ledger.refused(stamp, e.getErrorCode() + ": " + e.getMessage());
        } catch (JMSException unknown) {
            discardSender();
            Pause.of(RETRY);
        }
    }

    private void move() throws InterruptedException {
        JmsTransacted open = mover;
        try {
            if (open == null) {
                open = JmsTransacted.connect(server);
                open.consume(inbox());
                mover = open;
            }
            Message message = open.receive(POLL);
            if (message instanceof BytesMessage bytes) {
                open.send(open.session().createQueue(outbox()), bytes.getBody(byte[].class));
                if (unlucky()) {
                    open.session().rollback();
                } else {
                    open.session().commit();
                    moved.incrementAndGet();
                }
            }
        } catch (JMSException broken) {
            discardMover();
            Pause.of(RETRY);
        }
    }

    private String inbox() {
        return topic + "-in";
    }

    private String outbox() {
        return topic + "-out";
    }

    private String reader(String to) {
        String identity = topic + "-to-" + to;
        ledger.subscribes(identity, Set.of(topic));
        readers.add(identity);
        return identity;
    }

    /** Leaves out what comes again as the same message, as it may to a reader whose acknowledgement was lost. */
    private Consumer<Incoming> once(String reader) {
        Set<String> ids = ConcurrentHashMap.newKeySet();
        return message -> {
            if (ids.add(message.text("#JMSMessageID").orElse(""))) {
                ledger.received(reader, message.body());
            }
        };
    }

    private void discardSender() {
        discard(sender);
        sender = null;
    }

    private void discardMover() {
        discard(mover);
        mover = null;
    }

    private static void discard(@Nullable JmsTransacted open) {
        if (open != null) {
            open.close();
        }
    }

    private static boolean unlucky() {
        return ThreadLocalRandom.current().nextInt(ROLL_BACK_ONE_IN) == 0;
    }
}
