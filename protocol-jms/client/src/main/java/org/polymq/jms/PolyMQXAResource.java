/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.XaBranches;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaDecision;
import org.polymq.jms.wire.Frame.XaDone;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.Frame.XaEnding;
import org.polymq.jms.wire.Frame.XaList;
import org.polymq.jms.wire.Frame.XaStart;
import org.polymq.jms.wire.Frame.XaStarting;
import org.polymq.jms.wire.XaId;

/**
 * The broker as a transaction manager sees it through one session. Decisions about a branch may be told through any
 * session of the same user. Safe from any thread, but a session works for one branch at a time.
 */
final class PolyMQXAResource implements XAResource {
    private static final Xid[] NONE = {};

    private final PolyMQXASession session;
    private volatile int timeoutSeconds;

    PolyMQXAResource(PolyMQXASession session) {
        this.session = session;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        XaStarting how = switch (flags) {
            case TMNOFLAGS -> XaStarting.NEW;
            case TMJOIN -> XaStarting.JOIN;
            case TMRESUME -> XaStarting.RESUME;
            default -> throw invalid("start", flags);
        };
        session.begin(new XaStart(session.id(), idOf(xid), how, timeoutSeconds));
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        XaEnding how = switch (flags) {
            case TMSUCCESS -> XaEnding.SUCCESS;
            case TMFAIL -> XaEnding.FAIL;
            case TMSUSPEND -> XaEnding.SUSPEND;
            default -> throw invalid("end", flags);
        };
        XaId id = idOf(xid);
        if (session.worksFor(id)) {
            session.finish(id, how);
        } else if (!session.takeEndedByClose(id)) {
            call(new XaEnd(session.id(), id, how, List.of(), List.of()));
        }
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return call(new XaDecide(XaDecision.PREPARE, idOf(xid)));
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        call(new XaDecide(onePhase ? XaDecision.COMMIT_ONE_PHASE : XaDecision.COMMIT, idOf(xid)));
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        XaDecide rollback = new XaDecide(XaDecision.ROLLBACK, idOf(xid));
        XAException[] refused = {null};
        try {
            session.rollback(() -> {
                try {
                    call(rollback);
                } catch (XAException e) {
                    refused[0] = e;
                }
            });
        } catch (JMSException e) {
            if (refused[0] == null) {
                throw failure(e);
            }
            refused[0].addSuppressed(e);
        }
        if (refused[0] != null) {
            throw refused[0];
        }
    }

    @Override
    public void forget(Xid xid) throws XAException {
        call(new XaDecide(XaDecision.FORGET, idOf(xid)));
    }

    /** All at once at the begin of a scan. */
    @Override
    public Xid[] recover(int flags) throws XAException {
        if ((flags & ~(TMSTARTRSCAN | TMENDRSCAN)) != 0) {
            throw invalid("recover", flags);
        }
        if ((flags & TMSTARTRSCAN) == 0) {
            return NONE;
        }
        try {
            Frame answer = session.connection().line().ask(new XaList());
            if (answer instanceof XaBranches branches) {
                return branches.ids().stream().map(Branch::new).toArray(Xid[]::new);
            }
            throw failure(XAException.XAER_RMERR, "the broker answered " + answer);
        } catch (JMSException e) {
            throw failure(e);
        }
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other instanceof PolyMQXAResource that
                && session.xaConnection().isSameBroker(that.session.xaConnection());
    }

    @Override
    public int getTransactionTimeout() {
        return timeoutSeconds;
    }

    /** For branches started from now on; 0 leaves it to the broker. */
    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        if (seconds < 0) {
            throw failure(XAException.XAER_INVAL, "a transaction timeout of " + seconds + " s");
        }
        timeoutSeconds = seconds;
        return true;
    }

    /** Asks the broker; answers XA_OK or XA_RDONLY. */
    int call(Frame frame) throws XAException {
        return call(session.connection().line()::ask, frame);
    }

    /** Who asks the broker. */
    interface Asking {
        Frame ask(Frame frame) throws JMSException;
    }

    /** The same on one network connection. */
    static int call(Asking broker, Frame frame) throws XAException {
        Frame answer;
        try {
            answer = broker.ask(frame);
        } catch (JMSException e) {
            throw failure(e);
        }
        if (!(answer instanceof XaDone done)) {
            throw failure(XAException.XAER_RMERR, "the broker answered " + answer);
        }
        if (done.code() == XA_OK || done.code() == XA_RDONLY) {
            return done.code();
        }
        throw failure(done.code(), done.message());
    }

    /** A broker that refused has its reasons; one that did not answer may be asked again. */
    static XAException failure(JMSException cause) {
        boolean refused = cause.getErrorCode() != null
                && !cause.getErrorCode().equals("OUTCOME_UNKNOWN")
                && !cause.getErrorCode().equals(BrokenException.CODE);
        XAException failure =
                failure(refused ? XAException.XAER_RMERR : XAException.XAER_RMFAIL, String.valueOf(cause.getMessage()));
        failure.initCause(cause);
        return failure;
    }

    static XAException failure(int code, String message) {
        XAException failure = new XAException(message);
        failure.errorCode = code;
        return failure;
    }

    private static XAException invalid(String call, int flags) {
        return failure(XAException.XAER_INVAL, call + " with flags " + Integer.toHexString(flags));
    }

    private static XaId idOf(Xid xid) throws XAException {
        byte[] global = xid.getGlobalTransactionId();
        byte[] qualifier = xid.getBranchQualifier();
        if (global.length == 0 || global.length > Xid.MAXGTRIDSIZE || qualifier.length > Xid.MAXBQUALSIZE) {
            throw failure(
                    XAException.XAER_INVAL,
                    "a transaction id of " + global.length + " and " + qualifier.length
                            + " bytes: at most 64 each, and a global id");
        }
        return new XaId(xid.getFormatId(), global.clone(), qualifier.clone());
    }

    /** A branch's name as the broker told it. */
    private record Branch(XaId id) implements Xid {
        @Override
        public int getFormatId() {
            return id.format();
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return id.global().clone();
        }

        @Override
        public byte[] getBranchQualifier() {
            return id.qualifier().clone();
        }
    }
}
