/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.bench;

import java.util.function.Consumer;

/** A client of one protocol that sends and consumes. Opened and closed by one thread. */
interface BenchClient extends AutoCloseable {
    /** Sends messages from one thread. */
    interface Sender extends AutoCloseable {
        /** Returns when the server has the message. */
        void send(byte[] body) throws Exception;

        @Override
        void close();
    }

    /** Begins to consume; {@code each} gets every body, on the client's threads. */
    void consume(Consumer<byte[]> each) throws Exception;

    Sender sender() throws Exception;

    @Override
    void close();
}
