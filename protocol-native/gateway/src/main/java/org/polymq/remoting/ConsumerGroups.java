/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.HeaderFormat;
import org.polymq.remoting.wire.Language;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.body.ConsumerData;
import org.polymq.remoting.wire.body.SubscriptionData;
import org.polymq.remoting.wire.header.ConsumerGroupHeader;

/**
 * Who is a member of which consumer group right now, and what the group subscribes to. Members are told of every
 * change, so that they share the queues anew at once. Safe from any thread.
 */
final class ConsumerGroups {
    private final Map<String, Group> groups = new ConcurrentHashMap<>();

    private static final class Member {
        final Client client;
        final NativeConnection connection;
        long seenAt;

        Member(Client client, NativeConnection connection, long seenAt) {
            this.client = client;
            this.connection = connection;
            this.seenAt = seenAt;
        }
    }

    /**
     * Who a member is.
     *
     * @param version RocketMQ's ordinal of the client's version
     */
    record Client(String id, Language language, int version) {}

    /** A member and where it is. */
    record Online(Client client, NativeConnection connection) {}

    /** What the members say of their group, and who they are. */
    record Membership(ConsumerData latest, List<SubscriptionData> subscriptions, List<Online> members) {}

    /** One group with members; its monitor guards it. */
    private static final class Group {
        final Map<String, Member> members = new LinkedHashMap<>();
        Map<String, SubscriptionData> subscriptions = Map.of();
        ConsumerData latest;
        boolean dropped;

        Group(ConsumerData first) {
            latest = first;
        }
    }

    /**
     * Takes a member's heartbeat; the other members are told if it is new or brings other topics.
     *
     * @param now steady ms
     * @return whether anything changed
     */
    boolean heartbeat(ConsumerData data, Client client, NativeConnection connection, long now) {
        while (true) {
            Group group = groups.computeIfAbsent(data.groupName(), name -> new Group(data));
            List<NativeConnection> toTell;
            synchronized (group) {
                if (group.dropped) {
                    continue;
                }
                group.latest = data;
                boolean joined = join(group, client, connection, now);
                boolean changed = subscribe(group, data.subscriptions());
                if (!joined && !changed) {
                    return false;
                }
                toTell = connections(group);
            }
            tell(data.groupName(), toTell);
            return true;
        }
    }

    /** Takes a heartbeat without subscriptions; false if the member is not known, and has to send a whole one. */
    boolean shortHeartbeat(String groupName, String clientId, NativeConnection connection, long now) {
        Group group = groups.get(groupName);
        if (group == null) {
            return false;
        }
        synchronized (group) {
            Member member = group.members.get(clientId);
            if (member == null || member.connection != connection) {
                return false;
            }
            member.seenAt = now;
            return true;
        }
    }

    private static boolean join(Group group, Client client, NativeConnection connection, long now) {
        Member member = group.members.get(client.id());
        if (member != null && member.connection == connection) {
            member.seenAt = now;
            return false;
        }
        group.members.put(client.id(), new Member(client, connection, now));
        return true;
    }

    /** Takes a member's subscriptions as the group's; true if topics came or went. */
    private static boolean subscribe(Group group, List<SubscriptionData> fresh) {
        Map<String, SubscriptionData> next = new HashMap<>();
        for (SubscriptionData subscription : fresh) {
            SubscriptionData before = group.subscriptions.get(subscription.topic());
            next.put(
                    subscription.topic(),
                    before != null && before.version() > subscription.version() ? before : subscription);
        }
        boolean changed = !next.keySet().equals(group.subscriptions.keySet());
        group.subscriptions = next;
        return changed;
    }

    private static List<NativeConnection> connections(Group group) {
        return group.members.values().stream()
                .map(member -> member.connection)
                .distinct()
                .toList();
    }

    private static void tell(String groupName, List<NativeConnection> connections) {
        ExtFields fields = new ConsumerGroupHeader(groupName).toFields();
        for (NativeConnection connection : connections) {
            connection.execute(() -> connection.send(RemotingCommand.oneway(
                    HeaderFormat.JSON, RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, 0, fields, new byte[0])));
        }
    }

    /** What a group wants of a topic, or null if no member says so. */
    @Nullable
    SubscriptionData subscription(String groupName, String topic) {
        Group group = groups.get(groupName);
        if (group == null) {
            return null;
        }
        synchronized (group) {
            return group.subscriptions.get(topic);
        }
    }

    /** Whether the members of a group say that each of them gets every message. */
    boolean isBroadcast(String groupName) {
        Group group = groups.get(groupName);
        if (group == null) {
            return false;
        }
        synchronized (group) {
            return group.latest.messageModel().equals("BROADCASTING");
        }
    }

    /** A group's members and subscriptions; empty when nobody is online. */
    Optional<Membership> membership(String groupName) {
        Group group = groups.get(groupName);
        if (group == null) {
            return Optional.empty();
        }
        synchronized (group) {
            return Optional.of(new Membership(
                    group.latest,
                    List.copyOf(group.subscriptions.values()),
                    group.members.values().stream()
                            .map(member -> new Online(member.client, member.connection))
                            .toList()));
        }
    }

    /** The members' client ids; none for an unknown group. */
    List<String> clientIds(String groupName) {
        Group group = groups.get(groupName);
        if (group == null) {
            return List.of();
        }
        synchronized (group) {
            return List.copyOf(group.members.keySet());
        }
    }

    /** Where the members are; nowhere for an unknown group. */
    List<NativeConnection> connections(String groupName) {
        Group group = groups.get(groupName);
        if (group == null) {
            return List.of();
        }
        synchronized (group) {
            return connections(group);
        }
    }

    /** The names of all groups with members. */
    Set<String> names() {
        return Set.copyOf(groups.keySet());
    }

    /** A member leaves; the others are told. */
    void leave(String groupName, String clientId) {
        remove(groupName, (id, member) -> id.equals(clientId));
    }

    /** A connection is gone, and with it its members. */
    void connectionClosed(NativeConnection connection) {
        groups.keySet().forEach(name -> remove(name, (id, member) -> member.connection == connection));
    }

    /** Drops members whose last heartbeat was before {@code seenBefore}. */
    void expire(long seenBefore) {
        groups.keySet().forEach(name -> remove(name, (id, member) -> member.seenAt < seenBefore));
    }

    private interface Which {
        boolean test(String clientId, Member member);
    }

    private void remove(String groupName, Which which) {
        Group group = groups.get(groupName);
        if (group == null) {
            return;
        }
        List<NativeConnection> toTell;
        synchronized (group) {
            List<String> leaving = group.members.entrySet().stream()
                    .filter(entry -> which.test(entry.getKey(), entry.getValue()))
                    .map(Map.Entry::getKey)
                    .toList();
            if (leaving.isEmpty()) {
                return;
            }
            leaving.forEach(group.members::remove);
            if (group.members.isEmpty()) {
                group.dropped = true;
                groups.remove(groupName, group);
            }
            toTell = connections(group);
        }
        tell(groupName, toTell);
    }
}
