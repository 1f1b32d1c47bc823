/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import io.netty.channel.EventLoopGroup;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XATopicConnection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A connection that also makes sessions whose work a transaction manager coordinates. Safe from any thread. */
final class PolyMQXAConnection extends PolyMQConnection implements XAConnection, XAQueueConnection, XATopicConnection {
    private final @Nullable String user;

    PolyMQXAConnection(
            ClientOptions options,
            EventLoopGroup group,
            Domain domain,
            @Nullable String user,
            @Nullable String password)
            throws JMSException {
        super(options, group, domain, user, password);
        this.user = user;
    }

    /** Whether branches of this connection and of another are the same resource manager's and the same user's. */
    boolean isSameBroker(PolyMQXAConnection other) {
        return options().addresses().equals(other.options().addresses()) && Objects.equals(user, other.user);
    }

    @Override
    public PolyMQXASession createXASession() throws JMSException {
        checkMayOpen();
        return opened(PolyMQXASession.open(this));
    }

    @Override
    public PolyMQXASession createXAQueueSession() throws JMSException {
        return createXASession();
    }

    @Override
    public PolyMQXASession createXATopicSession() throws JMSException {
        return createXASession();
    }
}
