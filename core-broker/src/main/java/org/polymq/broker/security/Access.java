/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;

/**
 * What one connection may do: the principal that logged in and the decisions made so far, which are forgotten when
 * permissions change. An adapter keeps it for the connection's life and asks it before each operation.
 *
 * <p>The methods that return nothing refuse with {@link Reason#NO_PERMISSION}, and write that to the audit log. Safe
 * from any thread.
 */
public final class Access implements AutoCloseable {
    private static final int MOST_REMEMBERED = 4_096;

    private final Principal principal;
    private final Origin origin;
    private final Security security;
    private final Authorizer authorizer;
    private final boolean unrestricted;
    private final Map<Question, Boolean> decided = new ConcurrentHashMap<>(8);
    private final @Nullable Verifier provedBy;
    private volatile Rules rules = new Rules(-1, List.of());
    private volatile @Nullable Watch watch;

    private record Question(Action action, Resource resource) {}

    private record Rules(long generation, List<Permission> permissions) {}

    /** Told, on the lane it named, that what the connection may do has changed. */
    public interface Watcher {
        /** Permissions were changed: subscriptions that are not permitted any more have to end. */
        void permissionsChanged();

        /** The user was deleted or disabled, or has another password: the connection has to end. */
        void revoked();
    }

    private record Watch(Lane lane, Watcher watcher) {}

    /** @param provedBy the password's verifier by which the principal was proved, or null for other proofs */
    Access(Principal principal, Origin origin, Security security, @Nullable Verifier provedBy) {
        this.principal = principal;
        this.origin = origin;
        this.security = security;
        this.authorizer = security.authorizer();
        this.unrestricted = !authorizer.enabled() || principal.equals(Principal.BROKER);
        this.provedBy = provedBy;
    }

    public Principal principal() {
        return principal;
    }

    public Origin origin() {
        return origin;
    }

    /** Whether everything is allowed without asking: security is off. */
    public boolean unrestricted() {
        return unrestricted;
    }

    // ---- what adapters ask

    /** Publishing to an address: a topic with its path, or the queue if there is one of this name. */
    public void publish(Address address) {
        if (!unrestricted) {
            require(Action.PUB, security.resource(address));
        }
    }

    /** Whether the principal may publish to an address. Writes no audit line. */
    public boolean mayPublish(Address address) {
        return unrestricted || may(Action.PUB, security.resource(address));
    }

    /** Publishing to a destination. */
    public void publish(Destination destination) {
        if (!unrestricted) {
            require(Action.PUB, Resource.of(destination));
        }
    }

    /** Subscribing to a topic or to all topics of an MQTT filter: everything it stands for has to be permitted. */
    public void subscribe(String filter) {
        if (!unrestricted) {
            require(Action.SUB, Resource.filter(filter));
        }
    }

    /** Consuming from a queue. */
    public void consumeQueue(String queue) {
        if (!unrestricted) {
            require(Action.SUB, Resource.queue(queue));
        }
    }

    /**
     * Reading a native topic, which is a first level or a queue: a subscription, a pull, and a read by key, id or
     * offset. Needs SUB on everything under it.
     *
     * @param firstLevel decoded, as {@code Names.levelOfNative} gives it
     */
    public void read(String firstLevel) {
        if (!unrestricted) {
            require(Action.SUB, security.everythingOf(firstLevel));
        }
    }

    /** Consuming as a native group, through a shared JMS subscription, or under an MQTT share name. */
    public void useGroup(String name) {
        if (!unrestricted) {
            require(Action.SUB, Resource.group(name));
        }
    }

    /** Connecting with a client id. Who owns a session or durable subscription asks {@link #requireOwner} too. */
    public void useClientId(String id) {
        if (!unrestricted) {
            require(Action.SUB, Resource.client(id));
        }
    }

    /** Making, changing, deleting or looking into a native topic, which is a first level or a queue. */
    public void manageTopic(String firstLevel) {
        if (!unrestricted) {
            require(Action.MANAGE, security.everythingOf(firstLevel));
        }
    }

    /** Changing, deleting or looking into a group. */
    public void manageGroup(String name) {
        if (!unrestricted) {
            require(Action.MANAGE, Resource.group(name));
        }
    }

    /** Administration that belongs to no single topic, queue or group. */
    public void manageCluster() {
        if (!unrestricted) {
            require(Action.MANAGE, Resource.CLUSTER);
        }
    }

    /**
     * That something is this principal's own: a session that it takes over, a durable subscription it goes on with, a
     * temporary destination it consumes from.
     *
     * @param owner the name of the principal that made it; empty if that was while security was off
     * @param what the thing, for the message
     */
    public void requireOwner(String owner, String what) {
        if (!unrestricted && !owner.isEmpty() && !owner.equals(principal.name())) {
            security.denied(this, "own", what);
            throw new BrokerException(Reason.NO_PERMISSION, what + " belongs to another user");
        }
    }

    /** Whether the principal may do this to all that the resource stands for. Writes no audit line. */
    public boolean may(Action action, Resource resource) {
        if (unrestricted) {
            return true;
        }
        long generation = authorizer.generation();
        Rules current = rules;
        if (current.generation() != generation) {
            current = new Rules(generation, authorizer.rules(principal));
            decided.clear();
            rules = current;
        }
        Question question = new Question(action, resource);
        Boolean known = decided.get(question);
        if (known != null) {
            return known;
        }
        boolean answer = Authorizer.decide(current.permissions(), action, resource);
        if (decided.size() >= MOST_REMEMBERED) {
            decided.clear();
        }
        decided.put(question, answer);
        if (authorizer.generation() != generation) {
            decided.remove(question);
        }
        return answer;
    }

    /** Refuses with NO_PERMISSION, and writes it to the audit log, unless the principal {@linkplain #may may}. */
    public void require(Action action, Resource resource) {
        if (!may(action, resource)) {
            security.denied(this, action.name(), resource.toString());
            throw new BrokerException(
                    Reason.NO_PERMISSION, "user " + principal + " may not " + action + " on " + resource);
        }
    }

    // ---- changes while connected

    /** Asks to be told of changes until this is closed. Once per connection. */
    public void watch(Lane lane, Watcher watcher) {
        if (!unrestricted) {
            watch = new Watch(lane, watcher);
            security.watched(this);
            if (isRevoked()) {
                lane.execute(watcher::revoked);
            }
        }
    }

    /** Ends the watch. The connection is closed. */
    @Override
    public void close() {
        watch = null;
        security.unwatched(this);
    }

    /** Called after accounts have changed. */
    void accountsChanged() {
        Watch told = watch;
        if (told != null) {
            boolean over = isRevoked();
            told.lane().execute(over ? told.watcher()::revoked : told.watcher()::permissionsChanged);
        }
    }

    private boolean isRevoked() {
        return security.isRevoked(principal, provedBy);
    }
}
