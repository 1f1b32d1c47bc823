/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import io.netty.channel.EventLoop;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.broker.message.Names;
import org.polymq.jms.wire.WireDestination;

/**
 * In which group destinations are. Where a queue is may have to be asked, and is remembered for some seconds. Confined
 * to the client's event loop.
 */
final class QueuePlaces {
    /** So many queues are remembered. */
    static final int MOST = 1_000;

    private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final GroupLinks links;
    private final EventLoop loop;

    @SuppressWarnings("serial") // never serialised
    private final Map<String, Place> queues = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Place> eldest) {
            return size() > MOST;
        }
    };

    private long now = System.nanoTime();

    private record Place(int slot, long since) {}

    QueuePlaces(GroupLinks links, EventLoop loop) {
        this.links = links;
        this.loop = loop;
    }

    /** What was asked some seconds ago is asked again from here on; what is asked now holds until the next call. */
    void begin() {
        now = System.nanoTime();
    }

    /**
     * The slot of a destination, if it is known without asking.
     *
     * @throws org.polymq.broker.BrokerException INVALID_NAME
     */
    OptionalInt slotOf(WireDestination destination) {
        if (destination.kind() != WireDestination.Kind.QUEUE) {
            String path = destination.kind() == WireDestination.Kind.TOPIC
                    ? Names.ofJms(destination.name()).name()
                    : destination.name();
            return OptionalInt.of(links.placement().ofPath(path));
        }
        Place place = queues.get(destination.name());
        return place == null || now - place.since() > REMEMBERED_NANOS
                ? OptionalInt.empty()
                : OptionalInt.of(place.slot());
    }

    /** Asks where a queue is; {@link #slotOf} knows it when this is done, on the event loop. */
    CompletionStage<Integer> ask(WireDestination queue) {
        String name = Names.ofQueue(queue.name()).topic();
        return links.ofQueue(name, loop).thenApply(slot -> {
            queues.put(queue.name(), new Place(slot, System.nanoTime()));
            return slot;
        });
    }
}
