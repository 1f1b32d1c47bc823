/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.Authorities;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.Remote;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.bridge.remote.Sender;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.config.Durations;

/** An MQTT 5 broker. MQTT 3.1.1 has no properties, so that a bridge could not tell its own messages there. */
public final class MqttRemote implements Remote {
    private static final Set<String> OPTIONS = Set.of("session-expiry", "keep-alive", "receive-maximum");
    private static final int PLAIN_PORT = 1883;
    private static final int TLS_PORT = 8883;

    private final RemoteSettings settings;
    private final String host;
    private final int port;
    private final boolean tls;
    private final MqttQos qos;
    private final long sessionSeconds;
    private final int keepAliveSeconds;
    private final int receiveMaximum;

    /** @throws BrokerException INVALID_REQUEST if an option is wrong */
    public MqttRemote(RemoteSettings settings) {
        this.settings = settings;
        URI uri = parse(settings.url());
        String scheme = Objects.requireNonNullElse(uri.getScheme(), "");
        if (!scheme.equals("mqtt") && !scheme.equals("mqtts")) {
            throw invalid("url is mqtt://HOST:PORT or mqtts://HOST:PORT, not '" + settings.url() + "'");
        }
        this.host = Objects.requireNonNullElse(uri.getHost(), "");
        if (host.isEmpty()) {
            throw invalid("url '" + settings.url() + "' names no host");
        }
        this.tls = settings.tls() || scheme.equals("mqtts");
        this.port = uri.getPort() > 0 ? uri.getPort() : tls ? TLS_PORT : PLAIN_PORT;
        this.qos = Objects.requireNonNull(MqttQos.fromCode(settings.qos()));
        this.sessionSeconds = seconds("session-expiry", "7d", 0xFFFFFFFFL);
        this.keepAliveSeconds = (int) seconds("keep-alive", "30s", 65_535);
        this.receiveMaximum = receiveMaximum(settings.option("receive-maximum").orElse("65535"));
        settings.options().keySet().stream()
                .filter(key -> !OPTIONS.contains(key))
                .findFirst()
                .ifPresent(key -> {
                    throw invalid("there is no option mqtt." + key);
                });
    }

    private static int receiveMaximum(String text) {
        if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > 65_535) {
            throw invalid("mqtt.receive-maximum is a number from 1 to 65535, not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    private static URI parse(String url) {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, "url '" + url + "' is none: " + e.getMessage(), e);
        }
    }

    private long seconds(String key, String standard, long most) {
        String text = settings.option(key).orElse(standard);
        Duration duration;
        try {
            duration = Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, "mqtt." + key + ": " + e.getMessage(), e);
        }
        if (duration.toSeconds() < 1 || duration.toSeconds() > most) {
            throw invalid("mqtt." + key + " is " + text + ", which is not from 1 to " + most + " s");
        }
        return duration.toSeconds();
    }

    @Override
    public Sender openSender(String link) throws RemoteDownException, InterruptedException {
        Connection connection = new Connection(client(link), settings.bridge());
        // What it has not acknowledged is sent again from the log, so the remote need not remember this client.
        connection.open(connect -> connect.cleanStart(true).keepAlive(keepAliveSeconds));
        return new MqttSender(connection, qos, settings.window());
    }

    @Override
    public Receiver openReceiver(String link, String source) throws RemoteDownException, InterruptedException {
        Connection connection = new Connection(client(link), settings.bridge());
        MqttReceiver receiver = new MqttReceiver(connection, settings.window());
        try {
            connection.open(connect -> connect.cleanStart(false)
                    .keepAlive(keepAliveSeconds)
                    .sessionExpiryInterval(sessionSeconds)
                    .restrictions()
                    .receiveMaximum(receiveMaximum)
                    .applyRestrictions());
            receiver.subscribe(source, qos);
            return receiver;
        } catch (RemoteDownException | InterruptedException e) {
            receiver.close();
            throw e;
        }
    }

    private Mqtt5AsyncClient client(String link) throws RemoteDownException {
        Mqtt5ClientBuilder builder =
                Mqtt5Client.builder().identifier(link).serverHost(host).serverPort(port);
        String user = settings.user();
        if (user != null) {
            String password = Objects.requireNonNullElse(settings.password(), "");
            builder = builder.simpleAuth()
                    .username(user)
                    .password(password.getBytes(StandardCharsets.UTF_8))
                    .applySimpleAuth();
        }
        if (tls) {
            builder = builder.sslConfig(sslConfig(settings.tlsAuthority()));
        }
        return builder.buildAsync();
    }

    private static MqttClientSslConfig sslConfig(@Nullable String authority) throws RemoteDownException {
        return authority == null
                ? MqttClientSslConfig.builder().build()
                : MqttClientSslConfig.builder()
                        .trustManagerFactory(Authorities.trusted(authority))
                        .build();
    }

    private static BrokerException invalid(String what) {
        return new BrokerException(Reason.INVALID_REQUEST, what);
    }
}
