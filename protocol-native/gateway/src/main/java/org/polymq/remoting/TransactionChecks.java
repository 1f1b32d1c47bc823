/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.Reply;
import org.polymq.broker.half.HalfMessage;
import org.polymq.broker.half.HalfMessages;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.HeaderFormat;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks producers about half messages that they left undecided (code 39), less and less often, and gives those up that
 * they were asked about too often. Only questions that went out count, so producers that are offline lose nothing.
 *
 * <p>Confined to its executor.
 */
final class TransactionChecks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TransactionChecks.class);
    /** Where what was given up goes, as in RocketMQ. */
    static final String GIVEN_UP_TOPIC = "TRANS_CHECK_MAX_TIME_TOPIC";

    private static final int MOST_AT_ONCE = 1_000;
    /** So many questions come one interval apart; then the time doubles, up to {@link #MOST_INTERVALS} of them. */
    private static final int STEADY_CHECKS = 5;

    private static final int MOST_INTERVALS = 16;

    private final Broker broker;
    private final Producers producers;
    private final NativeTopicNames names;
    private final NativeEncoder encoder;
    private final InstantSource clock;
    private final Lane lane;
    private final TransactionSettings settings;
    private final String brokerName;
    private final Future<?> sweep;
    private boolean asking;
    /** Of the cold read that asks; one at a time. */
    private int opaque;

    private static long intervalsAfter(int checks) {
        int doublings = Math.max(0, Math.min(checks - STEADY_CHECKS, 10));
        return Math.min(1L << doublings, MOST_INTERVALS);
    }

    private long dueAt(HalfMessage half) {
        if (half.checks() > 0) {
            return half.checkedAt() + settings.interval().toMillis() * intervalsAfter(half.checks());
        }
        return half.stagedAt()
                + (half.immunityMillis() >= 0
                        ? half.immunityMillis()
                        : settings.timeout().toMillis());
    }

    TransactionChecks(
            Broker broker,
            Producers producers,
            NativeTopicNames names,
            NativeEncoder encoder,
            InstantSource clock,
            EventExecutor executor,
            NativeConfig config) {
        this.broker = broker;
        this.producers = producers;
        this.names = names;
        this.encoder = encoder;
        this.clock = clock;
        this.lane = Lanes.of(executor);
        this.settings = config.transactions();
        this.brokerName = config.brokerName();
        long millis = Math.max(
                50,
                Math.min(
                        1_000,
                        Math.min(
                                        settings.timeout().toMillis(),
                                        settings.interval().toMillis())
                                / 2));
        this.sweep = executor.scheduleWithFixedDelay(this::sweep, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        try {
            look();
        } catch (RuntimeException e) {
            log.error("half messages could not be looked at", e);
        }
    }

    private void look() {
        if (asking) {
            return;
        }
        HalfMessages halves = broker.halfMessages();
        long now = clock.millis();
        List<HalfMessage> due = new ArrayList<>();
        int given = 0;
        for (HalfMessage half : halves.pending()) {
            if (due.size() + given >= MOST_AT_ONCE) {
                break;
            }
            if (dueAt(half) > now) {
                continue;
            }
            if (half.checks() >= settings.mostChecks()) {
                giveUp(half);
                given++;
            } else if (!producers.of(half.group()).isEmpty()) {
                due.add(half);
            }
        }
        if (!due.isEmpty()) {
            asking = true;
            broker.coldReads().execute(() -> ask(due));
        }
    }

    /** Asks about messages that have to be read first. On a thread for cold reads. */
    private void ask(List<HalfMessage> due) {
        List<HalfMessage> asked = new ArrayList<>();
        try {
            for (HalfMessage half : due) {
                try {
                    if (ask(half)) {
                        asked.add(half);
                    }
                } catch (BrokerException e) {
                    log.error(
                            "the half message at log position {} cannot be read: {}", half.position(), e.getMessage());
                }
            }
        } finally {
            lane.execute(() -> {
                asking = false;
                broker.halfMessages().checked(asked);
            });
        }
    }

    /** A question shows the message: only a producer that may send it is asked. */
    private boolean ask(HalfMessage half) {
        StoredMessage message = broker.halfMessages().read(half);
        Producers.Producer producer =
                producers.any(half.group(), online -> online.access().mayPublish(message.address()));
        if (producer == null) {
            return false;
        }
        NativeConnection connection = producer.connection();
        RemotingCommand question = question(half, message, ++opaque, connection);
        connection.execute(() -> connection.send(question));
        return true;
    }

    private RemotingCommand question(HalfMessage half, StoredMessage message, int number, NativeConnection connection) {
        ByteBuf image = Unpooled.buffer(message.nativeSize(connection.storeHost()));
        message.copyNativeImage(image, connection.storeHost());
        ExtFields fields = new ExtFields()
                .with("commitLogOffset", half.position())
                .with("tranStateTableOffset", half.number())
                .with("msgId", half.transactionId())
                .with("transactionId", half.transactionId())
                .with("offsetMsgId", connection.offsetMessageId(half.position()))
                .with("topic", message.nativeTopic())
                .with("bname", brokerName);
        return RemotingCommand.oneway(
                HeaderFormat.JSON, RequestCode.CHECK_TRANSACTION_STATE, number, fields, ByteBufUtil.getBytes(image));
    }

    private void giveUp(HalfMessage half) {
        log.warn(
                "nobody of producer group {} decided about transaction {} in {} questions: it goes to {}",
                half.group(),
                half.transactionId(),
                half.checks(),
                GIVEN_UP_TOPIC);
        NativeTopicNames.Name name = names.of(GIVEN_UP_TOPIC);
        Topic topic = broker.topics().get(name.topic());
        if (topic == null) {
            broker.topics()
                    .ensure(
                            TopicSpec.topic(name.topic(), 1, Topic.Origin.NATIVE),
                            lane,
                            Reply.of(made -> {}, refused -> notStored(half, refused)));
            return; // the next sweep finds it
        }
        try {
            broker.halfMessages()
                    .commit(
                            half,
                            HalfSend.discarded(broker.halfMessages(), half, topic, name, encoder),
                            lane,
                            Reply.of(stored -> {}, refused -> notStored(half, refused)));
        } catch (BrokerException unreadable) {
            notStored(half, unreadable);
        }
    }

    private static void notStored(HalfMessage half, BrokerException cause) {
        log.warn(
                "the half message at log position {} stays where it is: {}",
                half.position(),
                Objects.requireNonNullElse(cause.getMessage(), cause.reason().name()));
    }

    @Override
    public void close() {
        sweep.cancel(false);
    }
}
