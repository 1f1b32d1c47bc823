/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

import java.util.List;

/** One connection that messages go out on. Confined to one thread. */
public interface Sender extends AutoCloseable {
    /**
     * Sends messages in order; returns when the remote has acknowledged all of them.
     *
     * @throws RefusedException if the remote does not want some of them, whatever is tried
     * @throws RemoteDownException if it is unknown which of them the remote has
     */
    void send(List<Outbound> batch) throws RefusedException, RemoteDownException, InterruptedException;

    /** Never fails: what cannot be closed well is gone all the same. */
    @Override
    void close();
}
