/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import java.time.Duration;

/** A client of one protocol that publishes to the demo's topic and sees what all protocols publish there. */
interface DemoClient {

    /** The protocol's name as shown. */
    String name();

    /** The topic as this protocol writes it. */
    String topic();

    /** Publishes and waits until the broker has stored it. */
    void publish(String text) throws Exception;

    /** Waits until a message with this text has arrived; false when it has not come within {@code limit}. */
    boolean awaitArrival(String text, Duration limit) throws InterruptedException;

    /** Disconnects. */
    void close() throws Exception;
}
