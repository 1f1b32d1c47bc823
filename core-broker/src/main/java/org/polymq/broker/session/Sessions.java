/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.session.SessionsView.Opened;
import org.polymq.broker.state.Committer;
import org.polymq.broker.subscription.Subscriptions;

/**
 * Opens, leaves and ends persistent MQTT sessions, and ends those whose time is over. The adapter sees to it that one
 * connection at a time holds a client id. Safe from any thread.
 */
public final class Sessions {
    private final SessionsView view;
    private final Committer committer;
    private final Subscriptions subscriptions;
    private final InstantSource clock;
    /** Client ids with a connection. */
    private final Set<String> connected = ConcurrentHashMap.newKeySet();

    /**
     * What is known of a session, for administration.
     *
     * @param owner the user it belongs to; empty if it was made while security was off
     * @param leftAt when its connection ended, ms since the epoch; 0 while it is connected
     * @param expiresAt when it ends if nobody comes back, ms since the epoch; 0 while it is connected, and for never
     * @param filters what it subscribes to
     * @param unreleased QoS 2 messages received whose release is still to come
     * @param unanswered QoS 2 messages sent that are not complete
     */
    public record Info(
            String clientId,
            String owner,
            boolean connected,
            long leftAt,
            long expiresAt,
            List<String> filters,
            int unreleased,
            int unanswered) {}

    /** A session, and whether it was there before. */
    public record OpenedSession(DurableSession session, boolean present) {}

    public Sessions(SessionsView view, Committer committer, Subscriptions subscriptions, InstantSource clock) {
        this.view = view;
        this.committer = committer;
        this.subscriptions = subscriptions;
        this.clock = clock;
    }

    /** Whether a persistent session of this client id exists. */
    public boolean exists(String clientId) {
        return view.get(clientId) != null;
    }

    /** The user a session belongs to; empty if there is none, or it was made while security was off. */
    public String ownerOf(String clientId) {
        SessionState state = view.get(clientId);
        return state == null ? "" : state.owner;
    }

    /** What is known of the session of a client id. */
    public Optional<Info> find(String clientId) {
        SessionState state = view.get(clientId);
        if (state == null) {
            return Optional.empty();
        }
        boolean isConnected = connected.contains(clientId);
        boolean ends = !isConnected && state.leftAt != 0 && state.expirySeconds != SessionState.NEVER;
        return Optional.of(new Info(
                clientId,
                state.owner,
                isConnected,
                isConnected ? 0 : state.leftAt,
                ends ? state.leftAt + state.expirySeconds * 1_000 : 0,
                state.filters.keySet().stream().sorted().toList(),
                state.received.size(),
                state.outbound.size()));
    }

    /** The client ids of all persistent sessions, in no order. */
    public List<String> clientIds() {
        List<String> ids = new ArrayList<>();
        view.all().forEach(state -> ids.add(state.clientId));
        return ids;
    }

    public int size() {
        return view.all().size();
    }

    /**
     * Resumes the session or begins a new one.
     *
     * @param cleanStart whether an existing one is discarded first
     * @param expirySeconds how long it outlives its connection, 1 to 0xFFFFFFFF; the latter is for ever
     * @param owner the user it belongs to from now on, if it is new; empty while security is off
     */
    public void open(
            String clientId,
            boolean cleanStart,
            long expirySeconds,
            String owner,
            Lane lane,
            Reply<OpenedSession> reply) {
        connected.add(clientId);
        committer.control(
                List.of(SessionsView.open(clientId, cleanStart, expirySeconds, owner)),
                lane,
                Reply.of(reply::ok, refused -> {
                    connected.remove(clientId);
                    reply.failed(refused);
                }),
                results -> {
                    Opened opened = (Opened) results[0];
                    return new OpenedSession(
                            new DurableSession(opened.state(), opened.epoch(), lane, committer, subscriptions),
                            opened.present());
                });
    }

    /** The connection ended; the session stays for so many seconds (0 ends it). Its consumer must be closed before. */
    public void left(DurableSession session, long expirySeconds, Lane lane, Reply<Done> reply) {
        SessionState state = view.get(session.clientId());
        if (state != null && state.epoch == session.epoch()) {
            connected.remove(session.clientId());
        }
        if (expirySeconds == 0) {
            end(session.clientId(), session.epoch(), lane, reply);
            return;
        }
        committer.<Done>control(
                List.of(SessionsView.left(session.clientId(), session.epoch(), expirySeconds, clock.millis())),
                lane,
                reply,
                results -> Done.DONE);
    }

    /** Ends the session of this client id, whoever holds it; nothing happens if there is none. */
    public void end(String clientId, Lane lane, Reply<Done> reply) {
        end(clientId, 0, lane, reply);
    }

    private void end(String clientId, long epoch, Lane lane, Reply<Done> reply) {
        committer.<Done>control(List.of(SessionsView.ended(clientId, epoch)), lane, reply, results -> Done.DONE);
    }

    /** After a restart nobody is connected: sessions that were are left now. */
    public void brokerStarted() {
        long now = clock.millis();
        for (SessionState state : view.all()) {
            if (state.leftAt == 0 && !connected.contains(state.clientId)) {
                committer.<Done>control(
                        List.of(SessionsView.left(state.clientId, state.epoch, state.expirySeconds, now)),
                        Lane.direct(),
                        Reply.of(done -> {}, refused -> {}),
                        results -> Done.DONE);
            }
        }
    }

    /** Ends the sessions whose time is over; answers their client ids. Called every second or so. */
    public List<String> expire() {
        long now = clock.millis();
        List<String> expired = new ArrayList<>();
        for (SessionState state : view.all()) {
            boolean over = state.leftAt != 0
                    && state.expirySeconds != SessionState.NEVER
                    && now - state.leftAt >= state.expirySeconds * 1_000;
            if (over && !connected.contains(state.clientId)) {
                expired.add(state.clientId);
                end(state.clientId, state.epoch, Lane.direct(), Reply.of(done -> {}, refused -> {}));
            }
        }
        return expired;
    }
}
