/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import java.util.Set;

/** What one protocol's clients of the cluster demo do: send, whatever happens to the nodes, and receive. */
interface DemoLoad {
    /** The protocol's name as shown, and what it sends to. */
    String name();

    /**
     * Sends a message again until it is stored.
     *
     * @throws DemoFailedException if it is not within a minute
     */
    void send(int number) throws Exception;

    /** The numbers that have arrived. */
    Set<Integer> received();

    /** Disconnects. */
    void close() throws Exception;
}
