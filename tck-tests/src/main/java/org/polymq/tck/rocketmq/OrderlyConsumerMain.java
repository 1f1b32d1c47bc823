/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.polymq.tck.ledger.Stamp;

/**
 * An orderly push consumer as a process of its own. For each message it prints when it began with it, works a moment,
 * and prints when it is done: {@code + queue number nanoseconds} and {@code - queue number nanoseconds}, by the clock
 * that all processes of a machine share. Now and then it asks for a message again.
 */
public final class OrderlyConsumerMain {
    private OrderlyConsumerMain() {}

    /** Arguments: name server, group, topic, name of this member. Runs until it is ended. */
    public static void main(String[] args) throws Exception {
        DefaultMQPushConsumer consumer = Clients.of(args[0], args[3], new DefaultMQPushConsumer(args[1]));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setPersistConsumerOffsetInterval(500);
        consumer.setPollNameServerInterval(1_000);
        consumer.setConsumeThreadMin(8);
        consumer.setConsumeThreadMax(8);
        consumer.setAwaitTerminationMillisWhenShutdown(
                10_000); // what is in hand is finished before queues are given back
        consumer.setSuspendCurrentQueueTimeMillis(20);
        consumer.subscribe(args[2], "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            for (MessageExt message : messages) {
                Optional<Stamp> stamp = Stamp.of(message.getBody());
                String what = " " + message.getQueueId() + " "
                        + stamp.map(Stamp::number).orElse(-1L) + " ";
                say("+" + what);
                if (ThreadLocalRandom.current().nextInt(200) == 0) {
                    say("-" + what);
                    return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
                }
                work();
                say("-" + what);
            }
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
        Runtime.getRuntime().addShutdownHook(new Thread(consumer::shutdown));
        System.out.println("READY");
    }

    private static void work() {
        long until = System.nanoTime() + ThreadLocalRandom.current().nextInt(1_500_000);
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    /** One write per line: a killed process leaves whole lines, but for the last. */
    private static void say(String words) {
        byte[] line = (words + System.nanoTime() + "\n").getBytes(StandardCharsets.US_ASCII);
        System.out.write(line, 0, line.length);
        System.out.flush();
    }
}
