/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.polymq.broker.Lane;
import org.polymq.jms.wire.Frame.InDoubt;
import org.polymq.jms.wire.Frame.XaBranches;

/**
 * One client's transactions over several groups, and those that it left when its connection broke: they end before a
 * group does anything else for it. Confined to the client's event loop.
 */
final class ClientTransactions {
    private final Resolver resolver;
    private final Lane lane;
    /** Not finished. */
    private final Set<ClusterTransaction> running = new HashSet<>();

    private String instance = "";

    ClientTransactions(Resolver resolver, Lane lane) {
        this.resolver = resolver;
        this.lane = lane;
    }

    /** Whose they are, told once before all else: the word that the client shows when it comes back. */
    void ofInstance(String instance) {
        this.instance = instance;
    }

    ClusterTransaction begin(int coordinator, Collection<Integer> slots) {
        ClusterTransaction transaction = ClusterTransaction.over(coordinator, slots, instance);
        running.add(transaction);
        return transaction;
    }

    void ended(ClusterTransaction transaction) {
        running.remove(transaction);
    }

    /** A group did not say how its part ended: {@link Resolver} asks on. */
    void finish(ClusterTransaction transaction, Consumer<Resolver.Ending> then) {
        resolver.finish(transaction, lane, then);
    }

    /**
     * Ends what the client left unfinished in a group that has just let it in: what is locked there goes back to its
     * place before the client is given anything that is behind it, and what was decided is done before what the client
     * sends next.
     *
     * @param then is run once, unless the stream is lost before; after {@link Resolver}'s patience in any case
     */
    void settle(GroupStream stream, Runnable then) {
        stream.now(new InDoubt(0, ClusterTransaction.mark(instance)), answer -> {
            Set<ClusterTransaction> left = new HashSet<>();
            if (answer instanceof XaBranches branches) {
                branches.ids().forEach(id -> left.add(ClusterTransaction.of(id)));
            }
            left.removeAll(running); // A further stream of a client that did not go away.
            if (left.isEmpty()) {
                then.run();
                return;
            }
            int[] open = {left.size()};
            left.forEach(each -> finish(each, ending -> {
                open[0]--;
                if (open[0] == 0) {
                    then.run();
                }
            }));
        });
    }

    /** The client's connection or one of its streams is gone: what runs is finished by others. */
    void abandon() {
        running.forEach(resolver::resolve);
        running.clear();
    }
}
