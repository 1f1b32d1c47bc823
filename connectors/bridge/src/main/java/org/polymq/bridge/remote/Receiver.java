/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

import java.time.Duration;
import java.util.List;

/** One connection that messages come in on. Confined to one thread. */
public interface Receiver extends AutoCloseable {
    /** Waits for messages, in the remote's order; none if none came. */
    List<Inbound> receive(int most, Duration wait) throws RemoteDownException, InterruptedException;

    /** Everything received until now is stored here: the remote may forget it. */
    void acknowledge() throws RemoteDownException, InterruptedException;

    /** Never fails: what was not acknowledged comes again. */
    @Override
    void close();
}
