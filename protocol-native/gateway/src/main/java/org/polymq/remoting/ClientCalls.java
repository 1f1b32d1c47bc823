/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;

/** Requests that the broker sends to one client and wants answered. Confined to the connection's event loop. */
final class ClientCalls {
    private final NativeConnection client;
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private int opaque;

    private record Waiting(Reply<RemotingCommand> reply, Future<?> timeout) {}

    ClientCalls(NativeConnection client) {
        this.client = client;
    }

    /**
     * Asks the client. The reply runs on this connection's event loop; the answer's body is valid during its call only.
     * UNAVAILABLE when no answer comes in time.
     */
    void ask(int code, ExtFields fields, byte[] body, long timeoutMillis, Reply<RemotingCommand> reply) {
        if (!client.channel().isActive()) {
            reply.failed(new BrokerException(Reason.UNAVAILABLE, "the client is gone"));
            return;
        }
        int id = opaque++;
        Future<?> timeout = client.channel()
                .eventLoop()
                .schedule(() -> timedOut(id, timeoutMillis), timeoutMillis, TimeUnit.MILLISECONDS);
        waiting.put(id, new Waiting(reply, timeout));
        client.send(RemotingCommand.request(code, id, fields, body));
    }

    /** A client's answer came; one that nobody waits for is dropped. */
    void answered(RemotingCommand answer) {
        Waiting call = waiting.remove(answer.opaque());
        if (call != null) {
            call.timeout.cancel(false);
            call.reply.ok(answer);
        }
    }

    private void timedOut(int id, long millis) {
        Waiting call = waiting.remove(id);
        if (call != null) {
            call.reply.failed(
                    new BrokerException(Reason.UNAVAILABLE, "the client did not answer within " + millis + " ms"));
        }
    }

    void connectionClosed() {
        List<Waiting> left = List.copyOf(waiting.values());
        waiting.clear();
        left.forEach(call -> {
            call.timeout.cancel(false);
            call.reply.failed(new BrokerException(Reason.UNAVAILABLE, "the client is gone"));
        });
    }
}
