/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.follow.ClientFollowing;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.RequestRate;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.SessionMode;
import org.polymq.jms.wire.Frame.TagRange;
import org.polymq.jms.wire.FrameCodec;
import org.polymq.jms.wire.WireDestination;

/** A session whose consumer's deliveries arrive late: another consumer's thread hands them out. */
class JmsSessionTest extends JmsTest {
    private static final int ID = 7;
    private static final int BYTES = 1 << 20;

    /** What was handed over and has not arrived. */
    private final Queue<Runnable> onTheirWay = new ConcurrentLinkedQueue<>();

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private JmsSession session;
    private boolean full;
    /** How many deliveries each acknowledgement had. */
    private final List<Integer> accepted = new ArrayList<>();

    private JmsConsumer consumer;

    @BeforeEach
    void aQueueOfFour() throws JMSException {
        Session sender = connection.createSession();
        send(sender, sender.createQueue("orders"), 1, 4);
        JmsConnection jms = new JmsConnection(
                channel,
                Lane.direct(),
                1,
                JmsServices.of(server.broker()),
                JmsSettings.defaults(1),
                new BadInput(new SimpleMeterRegistry()),
                new RequestRate(0, "jms", new SimpleMeterRegistry()).open());
        Subscriptions subscriptions = server.broker().subscriptions();
        SubscriptionKey key = SubscriptionKey.queue("orders");
        subscriptions.attach(key, ConsumerOptions.shared(Lane.direct()), new Indifferent());
        session = new JmsSession(jms, SessionMode.ACKNOWLEDGED);
        consumer = new JmsConsumer(
                new OpenConsumer(
                        1,
                        ID,
                        ConsumerKind.QUEUE,
                        new WireDestination(WireDestination.Kind.QUEUE, "q"),
                        null,
                        null,
                        false,
                        0),
                session,
                new ClientFollowing(new MessageFollowers(), "jms", "client"));
        consumer.attached(new FullDisk(subscriptions.attach(key, ConsumerOptions.shared(new LateLane()), consumer)));
        session.add(consumer);
    }

    /** The first consumer of the queue, on whose lane messages are handed out; it wants none. */
    private static final class Indifferent implements Consumer.Listener {
        @Override
        public void delivered(List<Delivery> batch) {}

        @Override
        public void ended() {}
    }

    private final class LateLane implements Lane {
        @Override
        public boolean inLane() {
            return false;
        }

        @Override
        public void execute(Runnable task) {
            onTheirWay.add(task);
        }
    }

    private void allArrives() {
        for (Runnable next = onTheirWay.poll(); next != null; next = onTheirWay.poll()) {
            next.run();
        }
    }

    private static String text(Deliver deliver) {
        return new String(requireNonNull(deliver.message().body()), StandardCharsets.UTF_8);
    }

    /** What was sent since the last call: texts with how often they were delivered, other frames by name. */
    private List<String> sent() {
        List<String> sent = new ArrayList<>();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            while (next.isReadable()) {
                Frame frame = FrameCodec.decode(next.readSlice(next.readInt())).frame();
                if (frame instanceof Deliver deliver) {
                    sent.add(text(deliver) + "/" + deliver.count());
                } else {
                    sent.add(frame.getClass().getSimpleName());
                }
            }
            next.release();
        }
        return sent;
    }

    @Test
    void aConsumerClosesBehindWhatIsOnItsWay() throws JMSException {
        consumer.flow(0, 4, BYTES);
        session.close(consumer, List.of(), 1);
        assertThat(sent()).isEmpty();
        allArrives();

        assertThat(sent()).endsWith("Ok");
        Session next = connection.createSession();
        assertThat(receive(next.createConsumer(next.createQueue("orders")), 4)).isEqualTo(numbers(1, 4));
    }

    @Test
    void whatArrivesAtAStoppedConsumerGoesToTheNext() throws JMSException {
        consumer.flow(0, 4, BYTES);
        consumer.stop(List.of());
        allArrives();

        assertThat(sent()).isEmpty();
        Session next = connection.createSession();
        assertThat(receive(next.createConsumer(next.createQueue("orders")), 4)).isEqualTo(numbers(1, 4));
    }

    @Test
    void whatArrivesLateDoesNotOvertakeWhatIsRecovered() {
        consumer.flow(0, 2, BYTES);
        allArrives();
        consumer.flow(0, 4, BYTES);
        session.recover(List.of(new TagRange(ID, 1, 1)), 1);
        allArrives();

        assertThat(sent()).containsExactly("1/1", "2/1", "Ok", "1/2", "2/1", "3/1", "4/1");
    }

    private void settle(long first, long last, int correlation) {
        Settling settling = new Settling();
        session.settle(List.of(new TagRange(ID, first, last)), settling, correlation);
        settling.settle();
    }

    @Test
    void whatIsAcknowledgedInOnePieceOfReadingIsOneRecordAndEachIsAnswered() {
        consumer.flow(0, 4, BYTES);
        allArrives();
        sent();
        Settling settling = new Settling();
        for (int tag = 1; tag <= 3; tag++) {
            session.settle(List.of(new TagRange(ID, tag, tag)), settling, tag);
        }
        assertThat(accepted).isEmpty();
        settling.settle();
        assertThat(accepted).containsExactly(3);
        await().until(() -> !onTheirWay.isEmpty());
        allArrives();
        assertThat(sent()).containsExactly("Ok", "Ok", "Ok");
        settling.settle();
        assertThat(accepted).containsExactly(3);
    }

    @Test
    void whatCouldNotBeAcknowledgedIsAcknowledgedAgain() throws JMSException {
        consumer.flow(0, 2, BYTES);
        allArrives();
        full = true;
        settle(1, 2, 1);
        allArrives();
        settle(1, 2, 2);
        allArrives();
        assertThat(sent()).containsExactly("1/1", "2/1", "Failed", "Failed");

        full = false;
        settle(1, 2, 3);
        await().until(() -> !onTheirWay.isEmpty());
        allArrives();
        session.close(List.of());

        assertThat(sent()).containsExactly("Ok");
        Session next = connection.createSession();
        assertThat(receive(next.createConsumer(next.createQueue("orders")), 2)).isEqualTo(numbers(3, 4));
    }

    @Test
    void whatAClosedConsumerCouldNotAcknowledgeGoesBackWithItsSession() throws JMSException {
        consumer.flow(0, 2, BYTES);
        allArrives();
        session.close(consumer, List.of(new TagRange(ID, 1, 2)), 1);
        allArrives();
        full = true;
        settle(1, 2, 2);
        allArrives();
        session.close(List.of());

        assertThat(sent()).containsExactly("1/1", "2/1", "Ok", "Failed");
        Session next = connection.createSession();
        assertThat(receive(next.createConsumer(next.createQueue("orders")), 4)).isEqualTo(numbers(1, 4));
    }

    @Test
    void aRefusalAfterTheConsumersLastAcknowledgementIsNotForgotten() throws JMSException {
        consumer.flow(0, 2, BYTES);
        allArrives();
        session.close(consumer, List.of(new TagRange(ID, 1, 2)), 1);
        allArrives();
        settle(2, 2, 2);
        await().until(() -> !onTheirWay.isEmpty());
        full = true;
        settle(1, 1, 3);
        allArrives();
        session.close(List.of());

        assertThat(sent()).containsExactly("1/1", "2/1", "Ok", "Ok", "Failed");
        Session next = connection.createSession();
        assertThat(receive(next.createConsumer(next.createQueue("orders")), 3)).containsExactly("1", "3", "4");
    }

    /** The core's consumer, whose acknowledgements are refused while the disk is full. */
    private final class FullDisk implements Consumer {
        private final Consumer core;

        FullDisk(Consumer core) {
            this.core = core;
        }

        @Override
        public void credit(int messages, long bytes) {
            core.credit(messages, bytes);
        }

        @Override
        public void accept(Collection<Delivery> deliveries, boolean wait, Reply<Done> reply) {
            accepted.add(deliveries.size());
            if (full) {
                onTheirWay.add(() -> reply.failed(new BrokerException(Reason.DISK_FULL, "the disk is full")));
            } else {
                core.accept(deliveries, wait, reply);
            }
        }

        @Override
        public Settlement settle(Collection<Delivery> deliveries) {
            return core.settle(deliveries);
        }

        @Override
        public void release(Collection<Delivery> deliveries, boolean counted) {
            core.release(deliveries, counted);
        }

        @Override
        public void poll(Runnable done) {
            core.poll(done);
        }

        @Override
        public void stop(Collection<Delivery> unseen) {
            core.stop(unseen);
        }

        @Override
        public void close(boolean counted) {
            core.close(counted);
        }
    }
}
