/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.rocketmq;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.RPCHook;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.RemoteDownException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all queues of a topic; its group's offsets advance when what was read is stored here. */
final class RocketMqReceiver implements Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(RocketMqReceiver.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final DefaultLitePullConsumer consumer;
    private final String topic;
    private final Map<MessageQueue, Long> received = new HashMap<>();
    private Set<MessageQueue> queues;
    private long looked = System.nanoTime();

    private RocketMqReceiver(DefaultLitePullConsumer consumer, String topic, Set<MessageQueue> queues) {
        this.consumer = consumer;
        this.topic = topic;
        this.queues = queues;
    }

    static RocketMqReceiver open(RocketMqRemote remote, String link, String topic, int window, boolean fromFirst)
            throws RemoteDownException {
        RPCHook signature = remote.signature();
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(remote.group(), signature);
        remote.configure(consumer, link);
        consumer.setAutoCommit(false);
        consumer.setConsumeFromWhere(
                fromFirst ? ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET : ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        consumer.setPullBatchSize(Math.min(window, 1_024));
        consumer.setPullThresholdForAll(2L * window);
        consumer.setPullThresholdForQueue(window);
        consumer.setPullThresholdSizeForQueue(8);
        remote.secure(consumer, signature);
        try {
            consumer.start();
            Set<MessageQueue> queues = Set.copyOf(consumer.fetchMessageQueues(topic));
            consumer.assign(queues);
            return new RocketMqReceiver(consumer, topic, queues);
        } catch (MQClientException | RuntimeException e) {
            shutdown(consumer);
            throw new RemoteDownException("topic " + topic + " cannot be read", e);
        }
    }

    @Override
    public List<Inbound> receive(int most, Duration wait) throws RemoteDownException {
        List<MessageExt> messages = consumer.poll(wait.toMillis());
        if (System.nanoTime() - looked > LOOK_NANOS) {
            look();
        }
        List<Inbound> batch = new ArrayList<>(messages.size());
        for (MessageExt message : messages) {
            MessageQueue queue = new MessageQueue(message.getTopic(), message.getBrokerName(), message.getQueueId());
            received.put(queue, message.getQueueOffset() + 1);
            batch.add(RocketMqMessages.fromRemote(message));
        }
        return batch;
    }

    /** Whether the remote is there, which the client does not say; and whether the topic has other queues. */
    private void look() throws RemoteDownException {
        looked = System.nanoTime();
        try {
            Collection<MessageQueue> now = consumer.fetchMessageQueues(topic);
            for (MessageQueue queue : now) {
                consumer.offsetForTimestamp(queue, 0L);
            }
            Set<MessageQueue> all = new HashSet<>(queues);
            if (all.addAll(now)) {
                queues = all;
                consumer.assign(all);
            }
        } catch (MQClientException | RuntimeException e) {
            throw new RemoteDownException("topic " + topic + " cannot be read", e);
        }
    }

    @Override
    public void acknowledge() {
        consumer.commit(new HashMap<>(received), true);
        received.clear();
    }

    @Override
    public void close() {
        shutdown(consumer);
    }

    private static void shutdown(DefaultLitePullConsumer consumer) {
        try {
            consumer.shutdown();
        } catch (RuntimeException e) {
            LOG.debug("a consumer was not closed in order", e);
        }
    }
}
