/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.polymq.jms.PolyMQConnectionFactory;

/** A queue over JMS, with the addresses of all nodes. */
final class JmsDemoLoad implements DemoLoad {
    private static final String QUEUE = "demo";

    private final Set<Integer> received = new ConcurrentSkipListSet<>();
    private final JMSContext sending;
    private final JMSContext receiving;

    /** @param addresses of native listeners, {@code host:port} separated by commas */
    JmsDemoLoad(String addresses) throws DemoFailedException, InterruptedException {
        ConnectionFactory factory = new PolyMQConnectionFactory("polymq://" + addresses);
        sending = Persistent.until("connecting by JMS", factory::createContext);
        receiving = Persistent.until("connecting by JMS", factory::createContext);
        JMSConsumer consumer =
                Persistent.until("consuming by JMS", () -> receiving.createConsumer(receiving.createQueue(QUEUE)));
        consumer.setMessageListener(message -> {
            try {
                received.add(Integer.parseInt(message.getBody(String.class)));
            } catch (jakarta.jms.JMSException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Override
    public String name() {
        return "JMS, queue '" + QUEUE + "'";
    }

    @Override
    public void send(int number) throws DemoFailedException, InterruptedException {
        Persistent.until("a send by JMS", () -> {
            sending.createProducer().send(sending.createQueue(QUEUE), Integer.toString(number));
            return number;
        });
    }

    @Override
    public Set<Integer> received() {
        return received;
    }

    @Override
    public void close() {
        receiving.close();
        sending.close();
    }
}
