/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Upload;
import org.polymq.jms.wire.Frame.BodyPart;

/** The large bodies of one connection that are arriving. Confined to its event loop. */
final class Uploading {
    /** Bytes that may wait for the log before the connection is not read. */
    private static final int MAX_UNSTORED = 1 << 20;
    /** Bodies of one connection at a time. */
    private static final int MAX_BODIES = 1_000;

    private final Publisher publisher;
    private final Lane lane;
    private final Runnable changed;
    private final Map<Key, Body> bodies = new HashMap<>();

    private record Key(int session, long message) {}

    /** A body, or why there is none. */
    private record Body(@Nullable Upload upload, @Nullable BrokerException refusal) {}

    /** @param changed run when {@link #isFull} may have changed */
    Uploading(Publisher publisher, Lane lane, Runnable changed) {
        this.publisher = publisher;
        this.lane = lane;
        this.changed = changed;
    }

    /** Takes a piece. What is refused is said when the message comes. */
    void part(BodyPart part) {
        Key key = new Key(part.owner(), part.number());
        Body body = bodies.get(key);
        if (body == null) {
            body = begin();
            bodies.put(key, body);
        }
        Upload upload = body.upload();
        if (upload == null) {
            return;
        }
        try {
            upload.part(ByteBuffer.wrap(part.bytes()));
        } catch (BrokerException refused) {
            bodies.put(key, new Body(null, refused));
        }
        changed.run();
    }

    private Body begin() {
        if (bodies.size() >= MAX_BODIES) {
            return new Body(
                    null,
                    new BrokerException(
                            Reason.LIMIT_EXCEEDED,
                            "a connection sends at most " + MAX_BODIES + " large bodies at once"));
        }
        try {
            Upload upload = publisher.begin(lane);
            upload.onProgress(changed);
            return new Body(upload, null);
        } catch (BrokerException refused) {
            return new Body(null, refused);
        }
    }

    /** Whether the connection should not be read for a while. */
    boolean isFull() {
        long unstored = 0;
        for (Body body : bodies.values()) {
            Upload upload = body.upload();
            unstored += upload == null ? 0 : upload.unstored();
        }
        return unstored >= MAX_UNSTORED;
    }

    /**
     * The message with the body that was sent for it, if there was one.
     *
     * @throws BrokerException if that was refused
     */
    Outgoing withBody(Outgoing outgoing, int session, int number) {
        Body body = bodies.isEmpty() ? null : bodies.remove(new Key(session, number));
        if (body == null) {
            return outgoing;
        }
        if (body.refusal() != null) {
            throw body.refusal();
        }
        Upload upload = body.upload();
        return upload == null ? outgoing : outgoing.withBody(upload);
    }

    /** Gives up what is left of a session's bodies. */
    void end(int session) {
        bodies.entrySet().removeIf(each -> {
            boolean its = each.getKey().session() == session;
            if (its) {
                abort(each.getValue());
            }
            return its;
        });
    }

    void end() {
        bodies.values().forEach(Uploading::abort);
        bodies.clear();
    }

    private static void abort(Body body) {
        Upload upload = body.upload();
        if (upload != null) {
            upload.abort();
        }
    }
}
