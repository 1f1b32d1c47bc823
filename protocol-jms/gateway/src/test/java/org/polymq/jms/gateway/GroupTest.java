/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages of one JMSXGroupID go to one consumer, in order. */
class GroupTest extends JmsTest {
    private Session session;
    private Queue queue;

    @BeforeEach
    void open() throws JMSException {
        session = connection.createSession();
        queue = session.createQueue("grouped");
    }

    private void send(String group, int from, int to) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = from; i <= to; i++) {
                Message message = session.createTextMessage(group + i);
                message.setStringProperty("JMSXGroupID", group);
                message.setIntProperty("JMSXGroupSeq", i);
                producer.send(message);
            }
        }
    }

    private static List<String> of(String group, int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> group + i).toList();
    }

    @Test
    void eachGroupHasOneConsumerAndItsOrder() throws JMSException {
        Map<String, Integer> consumerOf = new ConcurrentHashMap<>();
        Map<String, List<String>> seen = new ConcurrentHashMap<>();
        List<String> strayed = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            connection.createSession().createConsumer(queue).setMessageListener(message -> {
                try {
                    String group = message.getStringProperty("JMSXGroupID");
                    Integer before = consumerOf.putIfAbsent(group, number);
                    if (before != null && before != number) {
                        strayed.add(text(message));
                    }
                    seen.computeIfAbsent(group, each -> new CopyOnWriteArrayList<>())
                            .add(text(message));
                    if (message.getIntProperty("JMSXGroupSeq")
                            != Integer.parseInt(text(message).substring(1))) {
                        strayed.add("sequence of " + text(message));
                    }
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        for (int round = 0; round < 5; round++) {
            for (String group : List.of("a", "b", "c", "d", "e", "f")) {
                send(group, round * 10 + 1, round * 10 + 10);
            }
        }

        await().until(() -> seen.values().stream().mapToInt(List::size).sum() == 300);
        assertThat(strayed).isEmpty();
        seen.forEach((group, messages) -> assertThat(messages).isEqualTo(of(group, 1, 50)));
        assertThat(consumerOf.values().stream().distinct()).hasSizeGreaterThan(1);
    }

    @Test
    void aGroupMovesWithItsMessagesInOrderWhenItsConsumerCloses() throws JMSException {
        Session first = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer owner = first.createConsumer(queue);
        send("a", 1, 10);
        assertThat(receive(owner, 3)).isEqualTo(of("a", 1, 3));
        Session second = connection.createSession();
        MessageConsumer heir = second.createConsumer(queue);
        send("a", 11, 12);
        assertThat(heir.receiveNoWait()).isNull();

        first.close();

        assertThat(receive(heir, 12)).isEqualTo(of("a", 1, 12));
    }

    @Test
    void theGroupsOfAConsumerThatLeavesAreSharedByTheOthers() throws JMSException {
        Map<String, Integer> consumerOf = new ConcurrentHashMap<>();
        Map<String, List<String>> seen = new ConcurrentHashMap<>();
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            Session own = connection.createSession();
            sessions.add(own);
            own.createConsumer(queue).setMessageListener(message -> {
                try {
                    String group = message.getStringProperty("JMSXGroupID");
                    consumerOf.put(group, number);
                    seen.computeIfAbsent(group, each -> new CopyOnWriteArrayList<>())
                            .add(text(message));
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        List<String> groups = IntStream.range('a', 'z')
                .mapToObj(c -> String.valueOf((char) c))
                .toList();
        for (String group : groups) {
            send(group, 1, 2);
        }
        await().until(() -> seen.values().stream().mapToInt(List::size).sum() == 2 * groups.size());
        Map<String, Integer> before = Map.copyOf(consumerOf);
        assertThat(before.values()).contains(0, 1, 2);

        sessions.get(1).close();
        for (String group : groups) {
            send(group, 3, 4);
        }

        await().until(() -> seen.values().stream().mapToInt(List::size).sum() == 4 * groups.size());
        seen.forEach((group, messages) -> assertThat(messages).isEqualTo(of(group, 1, 4)));
        List<Integer> heirs = new ArrayList<>();
        before.forEach((group, consumer) -> {
            if (consumer == 1) {
                heirs.add(consumerOf.get(group));
            } else {
                assertThat(consumerOf.get(group)).as(group).isEqualTo(consumer);
            }
        });
        assertThat(heirs).contains(0, 2).doesNotContain(1);
    }

    @Test
    void aGroupWaitsForItsConsumerWhileOthersGoOn() throws JMSException {
        try (Connection small = server.factory("prefetch=1").createConnection()) {
            small.start();
            Session slow = small.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer owner = slow.createConsumer(queue);
            send("a", 1, 1);
            assertThat(receive(owner, 1)).isEqualTo(of("a", 1, 1));
            MessageConsumer other = connection.createSession().createConsumer(queue);
            send("a", 2, 6);
            send("b", 1, 2);

            assertThat(receive(other, 2)).isEqualTo(of("b", 1, 2));
            assertThat(other.receiveNoWait()).isNull();
            assertThat(receive(owner, 5)).isEqualTo(of("a", 2, 6));
        }
    }

    @Test
    void aRollbackKeepsTheOrderOfAGroup() throws JMSException {
        try (Connection small = server.factory("prefetch=1").createConnection()) {
            small.start();
            Session transacted = small.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer owner = transacted.createConsumer(queue);
            send("a", 1, 1);
            receive(owner, 1);
            connection.createSession().createConsumer(queue);
            send("a", 2, 8);
            receive(owner, 2);

            transacted.rollback();

            List<String> again = new ArrayList<>(receive(owner, 8));
            assertThat(again).isEqualTo(of("a", 1, 8));
            transacted.commit();
        }
    }
}
