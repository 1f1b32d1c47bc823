/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

/** Why the broker did not do what was asked. The message names the thing, the value and the limit. */
public class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public BrokerException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public BrokerException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What an adapter's table translates into its protocol's own error. */
    public Reason reason() {
        return reason;
    }
}
