/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One thread that serves all connections of a scenario and counts what the broker answered. */
final class MqttLoop implements AutoCloseable {
    private static final int INPUT = 512 * 1024;

    private final Selector selector = Selector.open();
    private final ByteBuffer input = ByteBuffer.allocate(INPUT);
    private final byte[] padding = new byte[INPUT / 2];
    private Arrivals arrivals = (receiver, due, publisher, number) -> {};
    private int connected;
    private int subscribed;
    private int ended;
    private long acknowledged;

    MqttLoop() throws IOException {}

    /** Told of every PUBLISH that came. */
    @FunctionalInterface
    interface Arrivals {
        void arrived(int receiver, long due, int publisher, long number);
    }

    void listen(Arrivals to) {
        arrivals = to;
    }

    /** Connections that the broker accepted. */
    int connectedCount() {
        return connected;
    }

    int subscribedCount() {
        return subscribed;
    }

    /** Connections that the broker closed after a DISCONNECT. */
    int endedCount() {
        return ended;
    }

    /** Publishes of QoS 1 and 2 that the broker answered to the end. */
    long acknowledgedCount() {
        return acknowledged;
    }

    /** Waits at most so long for something to do and does it; 0 does not wait. */
    void poll(long millis) throws IOException {
        int count = millis == 0 ? selector.selectNow() : selector.select(millis);
        if (count > 0) {
            for (SelectionKey key : selector.selectedKeys()) {
                ((MqttClient) key.attachment()).ready();
            }
            selector.selectedKeys().clear();
        }
    }

    /**
     * Serves connections until something is the case.
     *
     * @param what what is waited for, for the message
     * @throws IllegalStateException if it is not after a minute
     */
    void until(String what, BooleanSupplier condition) throws IOException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited for a minute until " + what + " (connected " + connected
                        + ", subscribed " + subscribed + ", acknowledged " + acknowledged + ")");
            }
            poll(10);
        }
    }

    Selector selector() {
        return selector;
    }

    /** The buffer to read into, beginning with what was left of the last read. */
    ByteBuffer input(byte[] rest) {
        return input.clear().put(rest);
    }

    byte[] padding() {
        return padding;
    }

    void connected(int code) {
        if (code != 0) {
            throw new IllegalStateException("CONNACK with return code " + code);
        }
        connected++;
    }

    void subscribed(int code) {
        if (code < 0) {
            throw new IllegalStateException("SUBACK 0x80");
        }
        subscribed++;
    }

    void acknowledged() {
        acknowledged++;
    }

    void closed(boolean asked) {
        if (!asked) {
            throw new IllegalStateException("the broker closed a connection");
        }
        ended++;
    }

    void arrived(int receiver, long due, int publisher, long number) {
        arrivals.arrived(receiver, due, publisher, number);
    }

    /** Closes every connection. */
    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            if (key.isValid()) {
                ((MqttClient) key.attachment()).abort();
            }
        }
        selector.close();
    }
}
