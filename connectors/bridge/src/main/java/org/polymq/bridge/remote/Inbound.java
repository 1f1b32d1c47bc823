/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;

/**
 * A message that came in.
 *
 * @param from where it was at the remote
 * @param message what it says; its address does not matter
 * @param problem why it cannot be taken over, or null; the message then tells only which it is
 */
public record Inbound(
        Destination from, Message message, @Nullable String problem) {
    public Inbound(Destination from, Message message) {
        this(from, message, null);
    }

    public static Inbound refused(Destination from, Message about, String problem) {
        return new Inbound(from, about, problem);
    }
}
