/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.topic.ITopic;
import java.time.InstantSource;
import org.polymq.broker.security.FailedLogins;
import org.polymq.broker.security.LoginBackoff;

/**
 * Failed logins counted over all nodes: who may not try again for a while is told to all, so that asking needs nobody.
 * Without the grid each node counts for itself. Safe from any thread.
 */
final class GridLogins implements FailedLogins {
    static final String MAP = "polymq.logins";

    private final GridMember member;
    private final InstantSource clock;
    private final LoginBackoff backoff;
    private final Alone alone;

    GridLogins(GridMember member, InstantSource clock, Alone alone) {
        this.member = member;
        this.clock = clock;
        this.backoff = new LoginBackoff(clock);
        this.alone = alone;
        member.whenJoined(there -> topic(there).addMessageListener(message -> {
            if (message.getMessageObject() instanceof Told.Failing failing) {
                backoff.learn(failing.user(), failing.address(), failing.count());
            }
        }));
    }

    private static IMap<String, Failures> map(HazelcastInstance there) {
        return there.getMap(MAP);
    }

    private static ITopic<Told> topic(HazelcastInstance there) {
        return there.getTopic("polymq.failing");
    }

    /** Addresses have no spaces. */
    private static String key(String user, String address) {
        return address + " " + user;
    }

    @Override
    public long pause(String user, String address) {
        return backoff.pause(user, address);
    }

    @Override
    public void failed(String user, String address) {
        backoff.failed(user, address);
        count(user, address);
        count(LoginBackoff.ANYBODY, address);
    }

    private void count(String user, String address) {
        CountFailure failure = new CountFailure(clock.millis(), LoginBackoff.FORGOTTEN_AFTER.toMillis());
        member.ask(there -> map(there).submitToKey(key(user, address), failure)).whenComplete((count, away) -> {
            if (away != null) {
                alone.decided(away);
                return;
            }
            alone.answered();
            if (LoginBackoff.waits(user, count)) {
                backoff.learn(user, address, count);
                member.tell(there -> topic(there).publish(new Told.Failing(user, address, count)));
            }
        });
    }

    @Override
    public void succeeded(String user, String address) {
        if (backoff.knows(user, address)) {
            member.tell(there -> map(there).deleteAsync(key(user, address)));
        }
        backoff.succeeded(user, address);
    }
}
