/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

/** A broker elsewhere. Safe from any thread; each connection is used by one thread. */
public interface Remote extends AutoCloseable {
    /**
     * Connects, to send.
     *
     * @param link a name for the connection, the same after each restart
     */
    Sender openSender(String link) throws RemoteDownException, InterruptedException;

    /**
     * Connects, to receive from one place.
     *
     * @param link a name for the connection, the same after each restart
     * @param source the canonical name of a topic or {@code $queue/NAME}; a filter where the protocol has them
     */
    Receiver openReceiver(String link, String source) throws RemoteDownException, InterruptedException;

    /** Ends what its client keeps running without connections. All connections are closed before. */
    @Override
    default void close() {}
}
