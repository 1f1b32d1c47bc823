/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.function.Consumer;
import org.polymq.tck.server.Endpoints;

/**
 * One client library of one protocol. Topics are given by their first level; a subscriber gets everything under it. A
 * subscriber's identity is durable: a later subscriber of the same identity goes on where the earlier one stopped.
 */
public interface Protocol {
    /** How tests call it, for example {@code native-5}. */
    String name();

    /** Whether a publisher finds the server again by itself, and then resends what was not acknowledged. */
    boolean reconnects();

    /** A publisher for a topic; the broker must accept. */
    Publisher publisher(Endpoints server, String identity, String topic) throws Exception;

    /**
     * A subscriber for a topic and all below it; on return everything published later reaches it.
     *
     * @param sink is called with one message at a time
     */
    Subscriber subscriber(Endpoints server, String identity, String topic, Consumer<Incoming> sink) throws Exception;
}
