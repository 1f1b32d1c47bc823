/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** Somebody else changed, or is changing, what a call wants to change: the caller looks again and decides anew. */
final class ConflictException extends BrokerException {
    private static final long serialVersionUID = 1L;

    ConflictException(String message) {
        super(Reason.ALREADY_EXISTS, message);
    }
}
