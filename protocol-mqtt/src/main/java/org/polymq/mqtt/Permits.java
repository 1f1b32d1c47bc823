/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.channel.Channel;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.cluster.UserConnections;
import org.polymq.broker.cluster.UserConnections.Place;
import org.polymq.broker.message.Destination;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Origin;

/**
 * What one client may do, in MQTT's words. The methods that return nothing refuse with NO_PERMISSION. Confined to the
 * connection's event loop.
 */
final class Permits {
    private Access access;
    private Place place = Place.UNCOUNTED;

    Permits(Access access) {
        this.access = access;
    }

    /** The user's name; empty while security is off. */
    String user() {
        return access.principal().name();
    }

    Origin origin() {
        return access.origin();
    }

    void connect(String clientId) {
        access.useClientId(clientId);
    }

    /** That what another connection or an earlier one made may be taken over. */
    void own(String owner, String what) {
        access.requireOwner(owner, what);
    }

    void publish(String topic) {
        if (!access.unrestricted()) {
            access.publish(Destination.ofMqttName(topic));
        }
    }

    void subscribe(String filter) {
        if (access.unrestricted()) {
            return;
        }
        if (Competing.isQueue(filter)) {
            access.consumeQueue(Competing.queueOf(filter));
        } else if (Competing.isShare(filter)) {
            Competing.Share share = Competing.shareOf(filter);
            access.useGroup(share.name());
            access.subscribe(share.filter());
        } else {
            access.subscribe(filter);
        }
    }

    boolean maySubscribe(String filter) {
        try {
            subscribe(filter);
            return true;
        } catch (BrokerException refused) {
            return false; // the audit log has it
        }
    }

    /** The client has authenticated again. */
    void renew(Access newer, Lane lane, Access.Watcher watcher) {
        access.close();
        access = newer;
        watch(lane, watcher);
    }

    void watch(Lane lane, Access.Watcher watcher) {
        access.watch(lane, watcher);
    }

    /** Counts the connection as one of its user's; to be {@linkplain #keep kept}, or given back. */
    void count(UserConnections users, Channel channel, Lane lane, Reply<Place> reply) {
        users.enter(access, channel, lane, reply);
    }

    /** Gives the place back when this is closed. */
    void keep(Place counted) {
        place = counted;
    }

    void close() {
        access.close();
        place.leave();
    }
}
