/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

/** Publishes to one topic. Used by one thread. */
public interface Publisher extends AutoCloseable {
    /**
     * Publishes and waits until the broker has acknowledged it.
     *
     * @throws RefusedException if the broker refused it
     * @throws Exception if it is unknown what became of it
     */
    void publish(Outgoing message) throws Exception;

    @Override
    void close();
}
