/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;
import java.nio.ByteBuffer;
import java.util.UUID;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * A transaction without a transaction manager: a branch of its own name, committed in one phase, which the broker
 * writes as it writes a local transaction. So producers and consumers made before it began take part in it too. Used by
 * one thread at a time.
 */
final class LocalBranch implements LocalTransaction {
    private static final int FORMAT = 0x506F4D51;

    private final XAResource resource;
    private @Nullable Xid current;

    LocalBranch(XAResource resource) {
        this.resource = resource;
    }

    @Override
    public void begin() throws ResourceException {
        if (current != null) {
            throw new LocalTransactionException("a local transaction is going on already");
        }
        Xid xid = new Name(UUID.randomUUID());
        try {
            resource.start(xid, XAResource.TMNOFLAGS);
        } catch (XAException e) {
            throw failure("begin", e);
        }
        current = xid;
    }

    @Override
    public void commit() throws ResourceException {
        Xid xid = take();
        try {
            resource.end(xid, XAResource.TMSUCCESS);
            resource.commit(xid, true);
        } catch (XAException e) {
            throw failure("commit", e);
        }
    }

    @Override
    public void rollback() throws ResourceException {
        Xid xid = take();
        try {
            resource.end(xid, XAResource.TMSUCCESS);
            resource.rollback(xid);
        } catch (XAException e) {
            throw failure("rollback", e);
        }
    }

    private Xid take() throws ResourceException {
        Xid xid = current;
        if (xid == null) {
            throw new LocalTransactionException("no local transaction is going on");
        }
        current = null;
        return xid;
    }

    private static ResourceException failure(String call, XAException e) {
        return new LocalTransactionException(
                call + " of a local transaction: " + e.getMessage() + " (XA code " + e.errorCode + ")", e);
    }

    private record Name(UUID id) implements Xid {
        @Override
        public int getFormatId() {
            return FORMAT;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return ByteBuffer.allocate(16)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .array();
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {1};
        }
    }
}
