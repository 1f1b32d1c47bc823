/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Destination;
import org.polymq.broker.net.ClientAddress;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.topic.TopicKind;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.WireMessage;

/**
 * The messages that a client sends, on their way to the log: while there are too many its connection is not read.
 * Confined to its connection's event loop.
 */
final class Sending {
    /** Above this many sends without an answer from the log the connection is not read; below half of it, it is. */
    private static final int MAX_PENDING = 4_096;

    private final JmsConnection connection;
    private final Channel channel;
    private final Lane lane;
    private final JmsServices services;
    private final JmsSettings settings;
    private final Identity identity;
    private final Uploading uploading;
    private final List<Runnable> whenQuiet = new ArrayList<>(0);
    private int pending;
    private boolean full;

    Sending(
            JmsConnection connection,
            Channel channel,
            Lane lane,
            JmsServices services,
            JmsSettings settings,
            Identity identity) {
        this.connection = connection;
        this.channel = channel;
        this.lane = lane;
        this.services = services;
        this.settings = settings;
        this.identity = identity;
        this.uploading = new Uploading(services.publisher(), lane, this::setReading);
    }

    /** The large bodies that come before their messages. */
    Uploading uploading() {
        return uploading;
    }

    /** Stores one message, or delivers it to a temporary destination. */
    void send(int correlation, Send send) {
        Outgoing outgoing;
        try {
            outgoing = uploading.withBody(outgoing(send.message()), send.sessionId(), 0);
        } catch (BrokerException refused) {
            uploading.end(send.sessionId());
            throw refused;
        }
        begins();
        Reply<Stored> reply = new Reply<>() {
            @Override
            public void ok(Stored stored) {
                done();
                connection.reply(correlation, new Ok());
            }

            @Override
            public void failed(BrokerException cause) {
                done();
                connection.refuse(correlation, cause);
            }
        };
        boolean direct = outgoing.direct() != null;
        if (direct && correlation != 0) {
            deliverOnce(outgoing, send, reply);
        } else if (!direct && send.again()) {
            storeOnce(outgoing, send.message(), reply);
        } else {
            services.publisher().publish(outgoing, lane, reply);
        }
    }

    /** No log remembers it, so the client's latest ids are remembered. */
    private void deliverOnce(Outgoing outgoing, Send send, Reply<Stored> reply) {
        String id = send.message().id();
        RecentIds sent = identity.sent();
        if (send.again() && sent.contains(id)) {
            reply.ok(Stored.unstored());
            return;
        }
        services.publisher()
                .publish(
                        outgoing,
                        lane,
                        Reply.of(
                                delivered -> {
                                    sent.add(id);
                                    reply.ok(delivered);
                                },
                                reply::failed));
    }

    /** The client does not know whether it was stored: its id tells. */
    private void storeOnce(Outgoing outgoing, WireMessage message, Reply<Stored> reply) {
        services.sentBefore()
                .find(
                        message.destination(),
                        message.id(),
                        outgoing.message().deliverAt(),
                        lane,
                        Reply.of(
                                stored -> {
                                    if (stored) {
                                        outgoing.abandon();
                                        reply.ok(Stored.unstored());
                                    } else {
                                        services.publisher().publish(outgoing, lane, reply);
                                    }
                                },
                                refused -> {
                                    outgoing.abandon();
                                    reply.failed(refused);
                                }));
    }

    /**
     * A message as the core knows it.
     *
     * @throws BrokerException if it is not allowed
     */
    Outgoing outgoing(WireMessage message) {
        Outgoing outgoing = MessageTranslator.toCore(message, identity.producer(), ClientAddress.of(channel));
        if (outgoing.direct() == null) {
            String name = outgoing.message().address().name();
            if (!settings.autoCreate()) {
                ConsumerOpener.checkExists(
                        services, outgoing.message().address().topic());
            }
            identity.access()
                    .publish(outgoing.kind() == TopicKind.QUEUE ? Destination.queue(name) : Destination.topic(name));
        }
        return outgoing;
    }

    /** Something is on its way to the log. */
    void begins() {
        pending++;
        if (pending == MAX_PENDING) {
            full = true;
            setReading();
        }
    }

    /** It is there, or was refused. */
    void done() {
        pending--;
        tellQuiet();
        if (pending == MAX_PENDING / 2) {
            full = false;
            setReading();
        }
    }

    /** Runs the task once nothing is on its way to the log. */
    void whenQuiet(Runnable task) {
        whenQuiet.add(task);
        tellQuiet();
    }

    private void tellQuiet() {
        if (pending == 0 && !whenQuiet.isEmpty()) {
            List<Runnable> tasks = List.copyOf(whenQuiet);
            whenQuiet.clear();
            tasks.forEach(Runnable::run);
        }
    }

    private void setReading() {
        boolean reading = !full && !uploading.isFull();
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }
}
