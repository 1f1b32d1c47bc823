/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;

/** Something of Jakarta Messaging that this provider or the broker does not offer; the message names it. */
public final class NotSupportedException extends JMSException {
    private static final long serialVersionUID = 1L;

    /** Says what is not offered. */
    public NotSupportedException(String message) {
        super(message, "NOT_SUPPORTED");
    }

    static NotSupportedException yet(String what) {
        return new NotSupportedException("PolyMQ does not offer " + what + " yet");
    }
}
