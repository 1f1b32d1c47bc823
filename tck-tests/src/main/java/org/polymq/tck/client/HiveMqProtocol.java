/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.polymq.tck.server.Endpoints;

/**
 * HiveMQ's client for MQTT 5 with sessions that outlive their connection. After a lost connection it connects again by
 * itself and resends what was not acknowledged.
 */
public final class HiveMqProtocol implements Protocol {
    private static final long WAIT_SECONDS = 60;
    private static final long SESSION_SECONDS = 3_600;

    private final MqttQos qos;

    /** Publishes and subscribes with one quality of service. */
    public HiveMqProtocol(int qos) {
        MqttQos known = MqttQos.fromCode(qos);
        if (known == null) {
            throw new IllegalArgumentException("no quality of service " + qos);
        }
        this.qos = known;
    }

    /** A client to be configured further that finds the server again by itself. */
    public static Mqtt5ClientBuilder client(Endpoints server, String identity) {
        return Mqtt5Client.builder()
                .identifier(identity)
                .serverHost(server.mqtt().substring(0, server.mqtt().lastIndexOf(':')))
                .serverPort(Endpoints.port(server.mqtt()))
                .automaticReconnect()
                .initialDelay(100, TimeUnit.MILLISECONDS)
                .maxDelay(1, TimeUnit.SECONDS)
                .applyAutomaticReconnect();
    }

    @Override
    public String name() {
        return "mqtt5-hivemq-qos" + qos.getCode();
    }

    @Override
    public String toString() {
        return name();
    }

    @Override
    public boolean reconnects() {
        return true;
    }

    @Override
    public Publisher publisher(Endpoints server, String identity, String topic) throws Exception {
        Mqtt5AsyncClient client = client(server, identity).buildAsync();
        connect(client);
        return new Publisher() {
            @Override
            public void publish(Outgoing outgoing) throws Exception {
                try {
                    await(client.publishWith()
                            .topic(outgoing.path()
                                    .map(path -> topic + "/" + path)
                                    .orElse(topic))
                            .qos(qos)
                            .payload(outgoing.body())
                            .userProperties(properties(outgoing))
                            .send());
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Mqtt5MessageException refused) {
                        throw new RefusedException(refused.toString(), refused);
                    }
                    throw e;
                }
            }

            @Override
            public void close() {
                HiveMqProtocol.close(client);
            }
        };
    }

    @Override
    public Subscriber subscriber(Endpoints server, String identity, String topic, Consumer<Incoming> sink)
            throws Exception {
        Mqtt5AsyncClient client = client(server, identity).buildAsync();
        // Before it connects: a session that goes on gets messages before it subscribes again.
        client.publishes(MqttGlobalPublishFilter.ALL, publish -> sink.accept(incoming(publish)));
        connect(client);
        await(client.subscribeWith().topicFilter(topic + "/#").qos(qos).send());
        return () -> close(client);
    }

    private static void connect(Mqtt5AsyncClient client) throws Exception {
        await(client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(SESSION_SECONDS)
                .keepAlive(30)
                .send());
    }

    private static Mqtt5UserProperties properties(Outgoing outgoing) {
        List<Mqtt5UserProperty> user = new ArrayList<>();
        outgoing.properties().forEach((key, value) -> user.add(Mqtt5UserProperty.of(key, value.toString())));
        outgoing.keys().ifPresent(keys -> user.add(Mqtt5UserProperty.of("KEYS", keys)));
        outgoing.tag().ifPresent(tag -> user.add(Mqtt5UserProperty.of("TAGS", tag)));
        return Mqtt5UserProperties.of(user);
    }

    private static Incoming incoming(Mqtt5Publish publish) {
        Map<String, Object> properties = new TreeMap<>();
        publish.getUserProperties()
                .asList()
                .forEach(property -> properties.put(
                        property.getName().toString(), property.getValue().toString()));
        properties.put("#qos", publish.getQos().getCode());
        properties.put("#retained", publish.isRetain());
        return new Incoming(publish.getPayloadAsBytes(), publish.getTopic().toString(), properties, Optional.empty());
    }

    private static <T> T await(CompletableFuture<T> answer)
            throws ExecutionException, InterruptedException, TimeoutException {
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static void close(Mqtt5AsyncClient client) {
        try {
            if (client.getState().isConnectedOrReconnect()) {
                await(client.disconnect());
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("HiveMQ's client does not close", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
