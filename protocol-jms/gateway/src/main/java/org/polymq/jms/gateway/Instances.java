/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Client connections that may come back after their network connection broke, by what only they know. Safe from any
 * thread.
 */
final class Instances {
    private final Map<String, Instance> byId = new ConcurrentHashMap<>();

    /** Who serves a client connection now; it owns the client connection's temporary destinations. */
    static final class Instance {
        private final String id;
        private final String user;
        private final RecentIds sent = new RecentIds();
        private @Nullable JmsConnection holder; // guarded by this
        private int turn; // guarded by this

        private Instance(String id, String user) {
            this.id = id;
            this.user = user;
        }

        /** Makes it the one that serves; answers the one that did, or null. */
        private synchronized @Nullable JmsConnection take(JmsConnection next) {
            JmsConnection previous = holder;
            holder = next;
            turn++;
            return previous;
        }

        private synchronized boolean leave(JmsConnection leaving) {
            if (holder != leaving) {
                return false;
            }
            holder = null;
            return true;
        }

        /** What it sent to temporary destinations. */
        RecentIds sent() {
            return sent;
        }

        private synchronized int turn() {
            return turn;
        }

        private synchronized boolean isAbandoned(int since) {
            return holder == null && turn == since;
        }
    }

    /**
     * Lets a connection serve an instance. The one that served it before is closed, and the task runs on its event loop
     * once nothing that it was sent is on its way to the log; without one the task runs here.
     *
     * @throws BrokerException NO_PERMISSION if it is another user's
     */
    Instance take(String id, String user, JmsConnection connection, Runnable whenFree) {
        Instance instance = byId.computeIfAbsent(id, each -> new Instance(each, user));
        if (!instance.user.equals(user)) {
            throw new BrokerException(Reason.NO_PERMISSION, "the connection to resume belongs to another user");
        }
        JmsConnection previous = instance.take(connection);
        if (previous == null) {
            whenFree.run();
        } else {
            previous.supersede(whenFree);
        }
        return instance;
    }

    /**
     * The network connection broke: the client may come back.
     *
     * @return a number for {@link #isAbandoned}, or -1 if another connection has taken over
     */
    int broken(Instance instance, JmsConnection connection) {
        return instance.leave(connection) ? instance.turn() : -1;
    }

    /** Whether nobody has come since that break; then it is forgotten. */
    boolean isAbandoned(Instance instance, int since) {
        boolean abandoned = instance.isAbandoned(since);
        if (abandoned) {
            byId.remove(instance.id, instance);
        }
        return abandoned;
    }

    /** The client is done; false if another connection has taken over. */
    boolean ended(Instance instance, JmsConnection connection) {
        boolean ended = instance.leave(connection);
        if (ended) {
            byId.remove(instance.id, instance);
        }
        return ended;
    }
}
