/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;

/** The network connection broke, or is broken; whether what was asked was done is unknown. */
final class BrokenException extends JMSException {
    private static final long serialVersionUID = 1L;

    /** The error code. */
    static final String CODE = "CONNECTION_BROKEN";

    BrokenException(JMSException reason) {
        super(reason.getMessage(), CODE);
        initCause(reason);
        setLinkedException(reason);
    }
}
