/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;

/**
 * The simplified API over a session that the classic API can use too: for resource adapters and pools, which lend one
 * session through either.
 */
public interface PolyMQSessionContext extends XAJMSContext {
    /** The connection, which ends when the context is closed. */
    XAConnection getXAConnection();

    /** The session behind the context, made when it is first asked for. */
    XASession getXASession() throws JMSException;
}
