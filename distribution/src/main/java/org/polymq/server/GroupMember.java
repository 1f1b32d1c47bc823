/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.Channel;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.polymq.broker.cluster.GroupLinks.Speaks;
import org.polymq.broker.connector.ConnectorReports;
import org.polymq.broker.net.Streams;
import org.polymq.replication.transport.AskedStream;
import org.polymq.replication.transport.StreamPort;

/** A group's node of this process as gateways see it, here and on other nodes. Safe from any thread. */
final class GroupMember implements StreamPort.Listener {
    private final String group;
    private final Streams streams;
    private final Supplier<Optional<String>> leaderElsewhere;
    private final Predicate<String> hasQueue;
    private final Function<String, Optional<ConnectorReports>> connectors;

    /**
     * Of one group.
     *
     * @param streams what it speaks: something if it leads, else nothing
     * @param leaderElsewhere the member that leads, if that is known and another one
     * @param hasQueue whether the log that this node leads has a queue of a name
     * @param connectors how those that are spread are doing here, behind a name; empty if this node does not lead
     */
    GroupMember(
            String group,
            Streams streams,
            Supplier<Optional<String>> leaderElsewhere,
            Predicate<String> hasQueue,
            Function<String, Optional<ConnectorReports>> connectors) {
        this.connectors = connectors;
        this.group = group;
        this.streams = streams;
        this.leaderElsewhere = leaderElsewhere;
        this.hasQueue = hasQueue;
    }

    String group() {
        return group;
    }

    @Override
    public void asked(AskedStream asked) {
        LinkRequest request = LinkRequest.read(asked.wants());
        if (!asked.group().equals(group)) {
            throw new IllegalArgumentException(
                    "a gateway asked for group " + asked.group() + " at the port of group " + group);
        }
        if (request instanceof LinkRequest.Open open) {
            Optional<LinkReply> refusal = admit(asked.channel(), open);
            if (refusal.isPresent()) {
                asked.reply(refusal.get().toBytes());
            } else {
                asked.take(() -> install(asked.channel(), open.speaks()));
            }
        } else {
            asked.reply(answer(request).toBytes());
        }
    }

    /** Answers what is no stream. */
    LinkReply answer(LinkRequest request) {
        if (request instanceof LinkRequest.FindQueue find) {
            return find(find.name());
        }
        if (request instanceof LinkRequest.AskConnectors ask) {
            return connectors
                    .apply(ask.after())
                    .<LinkReply>map(LinkReply.Connectors::new)
                    .orElseGet(this::notHere);
        }
        throw new IllegalArgumentException("a stream is no question");
    }

    /** Whether streams of a protocol are served here. */
    boolean serves(Speaks speaks) {
        return streams.speaks(name(speaks));
    }

    /** Takes a stream, or says why not. If it was taken {@link #install} follows. On its event loop. */
    Optional<LinkReply> admit(Channel channel, LinkRequest.Open open) {
        return switch (streams.admit(channel, name(open.speaks()), open.client())) {
            case TAKEN -> Optional.empty();
            case FULL -> Optional.of(LinkReply.Plain.FULL);
            case NOT_SPOKEN -> Optional.of(notHere());
        };
    }

    void install(Channel channel, Speaks speaks) {
        streams.install(channel, name(speaks));
    }

    /** Where this node would send a gateway. */
    LinkReply notHere() {
        return leaderElsewhere.get().<LinkReply>map(LinkReply.Elsewhere::new).orElse(LinkReply.Plain.NOBODY);
    }

    /** Whether a queue is here, if this node leads. */
    private LinkReply find(String queue) {
        if (!serves(Speaks.MQTT)) {
            return notHere();
        }
        return hasQueue.test(queue) ? LinkReply.Plain.HERE : LinkReply.Plain.NOT_HERE;
    }

    /** The name of a protocol that is spoken on streams. */
    static String name(Speaks speaks) {
        return speaks.name().toLowerCase(Locale.ROOT);
    }
}
