/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/**
 * One line of SUBSCRIBE: a filter and how the client wants its messages.
 *
 * @param qos the highest QoS the client wants, 0 to 2
 * @param noLocal whether the client's own messages are left out
 * @param retainAsPublished whether the retain flag is kept on forwarded messages
 */
public record Subscription(
        String filter, int qos, boolean noLocal, boolean retainAsPublished, RetainHandling retainHandling) {
    /** When a subscription brings the retained messages. MQTT 5, 3.8.3.1. */
    public enum RetainHandling {
        SEND,
        SEND_IF_NEW,
        DO_NOT_SEND
    }
}
