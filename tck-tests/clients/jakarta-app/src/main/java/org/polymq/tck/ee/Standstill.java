/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ee;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** Another resource of a transaction, at which everything stands still until the server is killed; a file tells so. */
final class Standstill implements XAResource {
    private final String at;
    private final String name;
    private final Path mark;

    /**
     * A resource that agrees to everything.
     *
     * @param at where to stand still: prepare or commit
     * @param name which of the two this one does
     * @param mark the file that is made then
     */
    Standstill(String at, String name, Path mark) {
        this.at = at;
        this.name = name;
        this.mark = mark;
    }

    private void reached(String point) {
        if (point.equals(at) && point.equals(name)) {
            try {
                Files.createFile(mark);
                new CountDownLatch(1).await();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public int prepare(Xid xid) {
        reached("prepare");
        return XA_OK;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) {
        reached("commit");
    }

    @Override
    public void start(Xid xid, int flags) {}

    @Override
    public void end(Xid xid, int flags) {}

    @Override
    public void rollback(Xid xid) {}

    @Override
    public void forget(Xid xid) {}

    @Override
    public Xid[] recover(int flags) {
        return new Xid[0];
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other == this;
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
