/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.JMSRuntimeException;
import jakarta.resource.ResourceException;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.polymq.jms.PolyMQSessionContext;

/**
 * A broker as a server's recovery sees it: each call opens a connection and closes it, because nobody says when
 * recovery is over, and a broker that restarts meanwhile must not end it. It works for no branch itself.
 */
final class RecoveryResource implements XAResource {
    private static final Logger LOG = Logger.getLogger(RecoveryResource.class.getName());

    private final Factories factories;
    private final Target target;

    RecoveryResource(Factories factories, Target target) {
        this.factories = factories;
        this.target = target;
    }

    private interface Call<T> {
        T on(XAResource resource) throws XAException;
    }

    private <T> T ask(Call<T> call) throws XAException {
        PolyMQSessionContext context;
        try {
            context = factories.open(target);
        } catch (ResourceException e) {
            XAException failure = new XAException("the broker cannot be asked: " + e.getMessage());
            failure.errorCode = XAException.XAER_RMFAIL;
            failure.initCause(e);
            throw failure;
        }
        try {
            return call.on(context.getXAResource());
        } finally {
            try {
                context.close();
            } catch (JMSRuntimeException e) {
                LOG.log(Level.FINE, "a connection of recovery was lost: {0}", e.getMessage());
            }
        }
    }

    @Override
    public Xid[] recover(int flags) throws XAException {
        return ask(resource -> resource.recover(flags));
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return ask(resource -> resource.prepare(xid));
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        ask(resource -> {
            resource.commit(xid, onePhase);
            return xid;
        });
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        ask(resource -> {
            resource.rollback(xid);
            return xid;
        });
    }

    @Override
    public void forget(Xid xid) throws XAException {
        ask(resource -> {
            resource.forget(xid);
            return xid;
        });
    }

    @Override
    public boolean isSameRM(XAResource other) throws XAException {
        if (other instanceof RecoveryResource that) {
            return target.equals(that.target);
        }
        return ask(resource -> resource.isSameRM(other));
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        throw onlyForRecovery();
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        throw onlyForRecovery();
    }

    private static XAException onlyForRecovery() {
        XAException failure = new XAException("this resource is for recovery: it works for no branch");
        failure.errorCode = XAException.XAER_PROTO;
        return failure;
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
