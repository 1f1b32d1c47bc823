/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.function.Supplier;
import org.polymq.remoting.wire.RemotingCommand;

/**
 * A pull whose checks are done.
 *
 * @param group the consumer group
 * @param queue the log's number of the queue
 * @param filter what it wants at the moment
 * @param maxBytes 0 for the default
 */
record Pull(
        RemotingCommand request,
        String group,
        long queue,
        Supplier<NativeFilter> filter,
        int maxMessages,
        int maxBytes,
        NativeConnection from) {}
