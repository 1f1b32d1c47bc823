/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Wills that wait for their delay, by client id. They are kept in memory: a broker that stops publishes them, one that
 * is killed loses them. Safe from any thread.
 */
final class Wills {
    private final Map<String, Delayed> byClient = new ConcurrentHashMap<>();

    private record Delayed(Runnable publish, Future<?> timer) {}

    /** Publishes after the delay unless the client is back before. There must be none for this client. */
    void delay(String clientId, long seconds, EventExecutor executor, Runnable publish) {
        Future<?> timer = executor.schedule(() -> publishNow(clientId), seconds, TimeUnit.SECONDS);
        byClient.put(clientId, new Delayed(publish, timer));
    }

    /** The session goes on: its will is not published. MQTT 5, 3.1.3-9. */
    void cancel(String clientId) {
        Delayed delayed = byClient.remove(clientId);
        if (delayed != null) {
            delayed.timer().cancel(false);
        }
    }

    /** The session has ended: its will does not wait any longer. */
    void publishNow(String clientId) {
        Delayed delayed = byClient.remove(clientId);
        if (delayed != null) {
            delayed.timer().cancel(false);
            delayed.publish().run();
        }
    }

    void publishAll() {
        byClient.keySet().forEach(this::publishNow);
    }
}
