/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

/**
 * A push consumer of RocketMQ 5.x that leaves the balance to the broker, and so pulls or pops as its group's mode says.
 */
public interface PopClient extends AutoCloseable {
    /** What the application does with a message; called by threads of the client. */
    interface Application {
        /** Whether it is done; otherwise it is to come again. */
        boolean take(Popped message);
    }

    /**
     * A message as the consumer sees it.
     *
     * @param text its body
     * @param times how often it was given to a member before
     * @param popped whether it came with a receipt: by POP, not by a pull
     */
    record Popped(String text, int times, boolean popped) {}

    /** Begins to consume a topic as a member of a group, until it is closed. */
    void consume(String topic, String group, Application application) throws Exception;

    @Override
    void close();
}
