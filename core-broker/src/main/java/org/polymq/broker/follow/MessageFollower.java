/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.follow;

/** Is told what happens to messages. */
@FunctionalInterface
public interface MessageFollower {
    /** Called on the thread on which it happened, often an event loop: must not block. */
    void happened(MessageEvent event);
}
