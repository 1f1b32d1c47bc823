/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Apache RocketMQ 5.5.0, name server and broker in one process, with its default of asynchronous flush; its client. */
final class RocketMq implements RemoteBroker {
    private final Path directory;
    private final Path benchmarks;
    private final int nameServerPort;
    private final int brokerPort;
    private Killable process;
    private DefaultMQProducer producer;
    private MessageQueue into;
    private volatile boolean closed;

    RocketMq(Path directory, Path benchmarks) throws Exception {
        this.directory = Files.createDirectories(directory);
        this.benchmarks = benchmarks;
        int[] free = new int[2];
        for (int i = 0; i < 2; i++) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                free[i] = socket.getLocalPort();
            }
        }
        nameServerPort = free[0];
        brokerPort = free[1];
    }

    @Override
    public void start() throws Exception {
        process = Killable.start(
                List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx768m",
                        "-XX:MaxDirectMemorySize=512m",
                        "-cp",
                        benchmarks.resolve("target/classes") + ":" + benchmarks.resolve("peer/target/lib") + "/*",
                        "org.polymq.bench.peer.RocketMqPeer",
                        directory.toString(),
                        Integer.toString(nameServerPort),
                        Integer.toString(brokerPort)),
                "READY",
                directory.resolve("rocketmq.log").toFile(),
                line -> {});
    }

    @Override
    public void kill() throws Exception {
        process.kill();
    }

    @Override
    @SuppressWarnings("deprecation") // the shortest way to make a topic
    public void prepare() throws Exception {
        producer = new DefaultMQProducer("checker-sender");
        producer.setNamesrvAddr("127.0.0.1:" + nameServerPort);
        producer.setInstanceName("checker-sender");
        producer.setRetryTimesWhenSendFailed(0);
        producer.setVipChannelEnabled(false);
        producer.setPollNameServerInterval(1_000);
        producer.start();
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> {
                    producer.createTopic("TBW102", "in", 1, Map.of());
                    producer.createTopic("TBW102", "out", 1, Map.of());
                    into = producer.fetchPublishMessageQueues("in").get(0);
                    return producer.fetchPublishMessageQueues("out").size() == 1;
                });
    }

    @Override
    public Map<String, String> definition() {
        Map<String, String> definition = new HashMap<>();
        definition.put("protocol", "rocketmq");
        definition.put("url", "rocketmq://127.0.0.1:" + nameServerPort);
        definition.put("out", "out/#");
        definition.put("in", "in");
        return definition;
    }

    @Override
    public boolean send(long number) throws InterruptedException {
        try {
            Message message = new Message("in", Long.toString(number).getBytes(StandardCharsets.US_ASCII));
            message.putUserProperty("TOPIC_PATH", "numbers");
            return producer.send(message, into).getSendStatus() == SendStatus.SEND_OK;
        } catch (MQClientException
                | org.apache.rocketmq.remoting.exception.RemotingException
                | org.apache.rocketmq.client.exception.MQBrokerException e) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
            return false;
        }
    }

    @Override
    public void receive(LongConsumer numbers) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer("checker");
        consumer.setNamesrvAddr("127.0.0.1:" + nameServerPort);
        consumer.setInstanceName("checker");
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setVipChannelEnabled(false);
        consumer.setPollNameServerInterval(1_000);
        Thread receiver = new Thread(() -> {
            try {
                consumer.start();
                consumer.assign(consumer.fetchMessageQueues("out"));
                while (!closed) {
                    for (MessageExt message : consumer.poll(500)) {
                        numbers.accept(Numbers.of(ByteBuffer.wrap(message.getBody())));
                    }
                }
            } catch (MQClientException e) {
                throw new IllegalStateException(e);
            }
        });
        receiver.setDaemon(true);
        receiver.start();
    }

    @Override
    public void close() {
        closed = true;
        if (process != null) {
            process.close();
        }
    }
}
