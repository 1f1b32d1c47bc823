/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.util.Arrays;
import java.util.Enumeration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.eclipse.paho.client.mqttv3.MqttClientPersistence;
import org.eclipse.paho.client.mqttv3.MqttPersistable;
import org.eclipse.paho.client.mqttv3.MqttPersistenceException;
import org.eclipse.paho.client.mqttv3.persist.MqttDefaultFilePersistence;

/**
 * The files in which Paho's client keeps what it sends and receives at QoS 1 and 2, with someone told of what is in
 * them. Keys are Paho's: {@code s-ID} a message before it is sent, {@code r-ID} one received at QoS 2, before its
 * PUBREC is.
 */
final class ToldPersistence implements MqttClientPersistence {
    private final MqttDefaultFilePersistence files;
    private final BiConsumer<String, byte[]> kept;
    private final Consumer<String> removed;

    /**
     * Keeps the files under a directory.
     *
     * @param kept key and body of a message that is about to be written
     * @param removed key of one that is about to be removed
     */
    ToldPersistence(String directory, BiConsumer<String, byte[]> kept, Consumer<String> removed) {
        this.files = new MqttDefaultFilePersistence(directory);
        this.kept = kept;
        this.removed = removed;
    }

    @Override
    public void open(String client, String server) throws MqttPersistenceException {
        files.open(client, "server"); // found again whatever the server's port is
    }

    @Override
    public void close() throws MqttPersistenceException {
        files.close();
    }

    @Override
    public void put(String key, MqttPersistable message) throws MqttPersistenceException {
        byte[] payload = message.getPayloadBytes();
        if (payload != null) {
            int start = message.getPayloadOffset();
            kept.accept(key, Arrays.copyOfRange(payload, start, start + message.getPayloadLength()));
        }
        files.put(key, message);
    }

    @Override
    public MqttPersistable get(String key) throws MqttPersistenceException {
        return files.get(key);
    }

    @Override
    public void remove(String key) throws MqttPersistenceException {
        removed.accept(key);
        files.remove(key);
    }

    @Override
    public Enumeration<?> keys() throws MqttPersistenceException {
        return files.keys();
    }

    @Override
    public void clear() throws MqttPersistenceException {
        files.clear();
    }

    @Override
    public boolean containsKey(String key) throws MqttPersistenceException {
        return files.containsKey(key);
    }
}
