/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;
import org.polymq.broker.subscription.Settlement;

/** The connectors that the log knows, and how far each is. Safe from any thread. */
public final class Connectors {
    private final ConnectorsView view;
    private final Committer committer;

    public Connectors(ConnectorsView view, Committer committer) {
        this.view = view;
        this.committer = committer;
    }

    public Optional<Connector> find(String name) {
        return Optional.ofNullable(view.get(name));
    }

    /** All of them, by name. */
    public List<Connector> all() {
        return view.all().values().stream()
                .sorted(Comparator.comparing(Connector::name))
                .toList();
    }

    /** Makes a connector (of version 0), or changes the one whose version it has; ALREADY_EXISTS otherwise. */
    public void put(Connector connector, Lane lane, Reply<Connector> reply) {
        committer.control(List.of(ConnectorsView.record(connector)), lane, reply, results -> (Connector) results[0]);
    }

    /** Deletes a connector with its positions. */
    public void delete(String name, Lane lane, Reply<Connector> reply) {
        committer.control(List.of(ConnectorsView.deletion(name)), lane, reply, results -> (Connector) results[0]);
    }

    /** How far a connector is in what it reads from elsewhere: positions by key, both as its kind likes. */
    public Map<String, String> positions(String name) {
        return view.positions(name);
    }

    /** Sets positions; an empty value removes one. */
    public void savePositions(String name, Map<String, String> changes, Lane lane, Reply<Done> reply) {
        committer.<Done>control(
                List.of(ConnectorsView.positionsRecord(name, changes)), lane, reply, results -> Done.DONE);
    }

    /** The same as a part of the entry that stores messages: both or neither. */
    Settlement positionsWith(String name, Map<String, String> changes) {
        return new Settlement(List.of(ConnectorsView.positionsRecord(name, changes)), () -> {}, () -> {});
    }

    // ---- those that are spread over the groups of a cluster

    /** All of them that are spread, by name. */
    List<Connector> spread() {
        return all().stream().filter(Connector::isSpread).toList();
    }

    /** Rises with every change of those that are spread, also over restarts; 0 before the first. */
    long spreadVersion() {
        return view.spread().version();
    }

    /** All that are spread as of now, for {@link #mirror} of another group. */
    ConnectorsCopy copy() {
        return view.copy();
    }

    /** Those here that end when a copy is mirrored: there is none of them any more, or it was made anew. */
    List<Connector> over(ConnectorsCopy copy) {
        return view.over(copy);
    }

    /**
     * Makes those that are spread what they are in another group; nothing changes if what is here is newer. Positions
     * of those that are {@linkplain #over over} go, too.
     *
     * @param alongside other facts for the same entry
     */
    void mirror(ConnectorsCopy copy, List<ByteBuffer> alongside, Lane lane, Reply<Boolean> reply) {
        List<ByteBuffer> records = new ArrayList<>(alongside);
        records.add(ConnectorsView.record(copy));
        committer.control(records, lane, reply, results -> (Boolean) results[results.length - 1]);
    }
}
