/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import java.util.Map;
import java.util.function.LongConsumer;

/** A broker of another make, and its own client. Its process can be killed and started again. */
interface RemoteBroker extends AutoCloseable {
    void start() throws Exception;

    /** {@code kill -9}. */
    void kill() throws Exception;

    /** Makes what the client needs, once, while the broker runs: its subscription to {@code out/numbers} among it. */
    void prepare() throws Exception;

    /** The definition of a bridge to it: {@code out/#} goes there, {@code in/numbers} comes from there. */
    Map<String, String> definition();

    /** Sends a number to {@code in/numbers} there; answers whether it was acknowledged. */
    boolean send(long number) throws InterruptedException;

    /** Hands over what arrives at {@code out/numbers} there, until it is closed. */
    void receive(LongConsumer numbers);

    @Override
    void close();
}
