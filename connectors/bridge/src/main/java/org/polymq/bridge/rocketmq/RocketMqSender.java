/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.rocketmq;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.polymq.bridge.remote.Outbound;
import org.polymq.bridge.remote.RefusedException;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.Sender;
import org.polymq.broker.BrokerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages of one queue here to one queue there, so that their order is kept. Neighbours for one queue travel in
 * one request, which the remote stores as a whole; the next request waits for its answer.
 */
final class RocketMqSender implements Sender {
    private static final Logger LOG = LoggerFactory.getLogger(RocketMqSender.class);
    private static final int BATCH_BYTES = 1 << 20;
    private static final int TIMEOUT_MILLIS = 10_000;

    private final DefaultMQProducer producer;
    private final int queuesOfNewTopics;
    private final Map<String, List<MessageQueue>> queues = new HashMap<>();

    private RocketMqSender(DefaultMQProducer producer, int queuesOfNewTopics) {
        this.producer = producer;
        this.queuesOfNewTopics = queuesOfNewTopics;
    }

    static RocketMqSender open(RocketMqRemote remote, String link, int queuesOfNewTopics, int maxMessageSize)
            throws RemoteDownException {
        RPCHook signature = remote.signature();
        DefaultMQProducer producer = new DefaultMQProducer(remote.group() + "-out", signature);
        remote.configure(producer, link);
        // A failed send is repeated by the link, with everything behind it.
        producer.setRetryTimesWhenSendFailed(0);
        producer.setSendMsgTimeout(TIMEOUT_MILLIS);
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        producer.setMaxMessageSize(maxMessageSize + BATCH_BYTES);
        remote.secure(producer, signature);
        try {
            producer.start();
        } catch (MQClientException e) {
            producer.shutdown();
            throw new RemoteDownException("the client does not start", e);
        }
        return new RocketMqSender(producer, queuesOfNewTopics);
    }

    /** Messages for one queue that follow each other. */
    private record Run(MessageQueue queue, int first, List<Message> messages) {}

    @Override
    public void send(List<Outbound> batch) throws RefusedException, RemoteDownException, InterruptedException {
        for (Run run : runs(batch)) {
            send(run);
        }
    }

    private List<Run> runs(List<Outbound> batch) throws RefusedException, RemoteDownException, InterruptedException {
        List<Run> runs = new ArrayList<>();
        int size = 0;
        for (int i = 0; i < batch.size(); i++) {
            Message message;
            MessageQueue queue;
            try {
                message = RocketMqMessages.toRemote(batch.get(i));
                queue = queue(message.getTopic(), batch.get(i).stored().queueId());
            } catch (BrokerException e) {
                // A name that RocketMQ cannot hold; what comes before it goes first.
                for (Run run : runs) {
                    send(run);
                }
                throw RefusedException.at(i, String.valueOf(e.getMessage()));
            }
            Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            size += message.getBody().length;
            if (last == null || !last.queue().equals(queue) || size > BATCH_BYTES) {
                last = new Run(queue, i, new ArrayList<>());
                runs.add(last);
                size = message.getBody().length;
            }
            last.messages().add(message);
        }
        return runs;
    }

    private void send(Run run) throws RefusedException, RemoteDownException, InterruptedException {
        try {
            check(
                    run.messages().size() == 1
                            ? producer.send(run.messages().get(0), run.queue())
                            : producer.send(run.messages(), run.queue()));
        } catch (MQBrokerException e) {
            refused(run, e.getResponseCode(), String.valueOf(e.getErrorMessage()), e);
        } catch (MQClientException e) {
            refused(run, e.getResponseCode(), String.valueOf(e.getErrorMessage()), e);
        } catch (RemotingException e) {
            throw new RemoteDownException("the messages are not sent", e);
        }
    }

    /** If it is the messages' fault, they are sent one by one, to find out whose. */
    private void refused(Run run, int code, String reason, Exception cause)
            throws RefusedException, RemoteDownException, InterruptedException {
        if (code != ResponseCode.MESSAGE_ILLEGAL && code != ResponseCode.NO_PERMISSION) {
            queues.clear();
            throw new RemoteDownException("the messages are not sent", cause);
        }
        if (run.messages().size() == 1) {
            throw RefusedException.at(run.first(), reason);
        }
        for (int i = 0; i < run.messages().size(); i++) {
            send(new Run(run.queue(), run.first() + i, List.of(run.messages().get(i))));
        }
    }

    // Without a slave that waits for it, the master has it all the same.
    private static void check(SendResult result) throws RemoteDownException {
        SendStatus status = result.getSendStatus();
        if (status != SendStatus.SEND_OK && status != SendStatus.SLAVE_NOT_AVAILABLE) {
            throw new RemoteDownException("the remote answered " + status);
        }
    }

    private MessageQueue queue(String topic, int queueHere) throws RemoteDownException {
        List<MessageQueue> all = queues.get(topic);
        if (all == null) {
            all = found(topic);
            queues.put(topic, all);
        }
        return all.get(Math.floorMod(queueHere, all.size()));
    }

    @SuppressWarnings("deprecation") // There is no other way for a client to make a topic without sending to it.
    private List<MessageQueue> found(String topic) throws RemoteDownException {
        List<MessageQueue> found;
        try {
            found = producer.fetchPublishMessageQueues(topic);
        } catch (MQClientException unknown) {
            try {
                producer.createTopic(TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC, topic, queuesOfNewTopics, Map.of());
                found = producer.fetchPublishMessageQueues(topic);
            } catch (MQClientException e) {
                e.addSuppressed(unknown);
                throw new RemoteDownException("topic " + topic + " is not there and cannot be made", e);
            }
        }
        if (found.isEmpty()) {
            throw new RemoteDownException("topic " + topic + " has no queue that can be written to");
        }
        List<MessageQueue> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.naturalOrder());
        return sorted;
    }

    @Override
    public void close() {
        try {
            producer.shutdown();
        } catch (RuntimeException e) {
            LOG.debug("a producer was not closed in order", e);
        }
    }
}
