/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.reactivex.schedulers.Schedulers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.Remote;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.bridge.remote.Sender;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.config.Durations;

/**
 * An MQTT broker, of version 5 or 3.1.1. The latter has no properties, so that a bridge cannot tell its own messages
 * there: its definition must not ask for what it sends.
 */
public final class MqttRemote implements Remote {
    private static final Set<String> OPTIONS = Set.of("version", "session-expiry", "keep-alive", "receive-maximum");
    private static final int PLAIN_PORT = 1883;
    private static final int TLS_PORT = 8883;

    private final RemoteSettings settings;
    private final String host;
    private final int port;
    private final boolean tls;
    private final boolean version5;
    private final Client.Options options;
    private volatile boolean used;

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
        this.tls = settings.tls().on() || scheme.equals("mqtts");
        this.port = uri.getPort() > 0 ? uri.getPort() : tls ? TLS_PORT : PLAIN_PORT;
        this.version5 = isVersion5(settings.option("version").orElse("5"));
        this.options = new Client.Options(
                Objects.requireNonNull(MqttQos.fromCode(settings.qos())),
                (int) seconds("keep-alive", "30s", 65_535),
                seconds("session-expiry", "7d", 0xFFFFFFFFL),
                receiveMaximum(settings.option("receive-maximum").orElse("65535")));
        settings.options().keySet().stream()
                .filter(key -> !OPTIONS.contains(key))
                .findFirst()
                .ifPresent(key -> {
                    throw invalid("there is no option mqtt." + key);
                });
    }

    private static boolean isVersion5(String version) {
        if (!version.equals("5") && !version.equals("3.1.1")) {
            throw invalid("mqtt.version is 5 or 3.1.1, not '" + version + "'");
        }
        return version.equals("5");
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
        Connection connection = connection(link);
        // What it has not acknowledged is sent again from the log, so the remote need not remember this client.
        connection.open(false);
        return new MqttSender(connection, settings.window());
    }

    @Override
    public Receiver openReceiver(String link, String source) throws RemoteDownException, InterruptedException {
        Connection connection = connection(link);
        MqttReceiver receiver = new MqttReceiver(connection, settings.window());
        try {
            connection.open(true);
            receiver.subscribe(source);
            return receiver;
        } catch (RemoteDownException | InterruptedException e) {
            receiver.close();
            throw e;
        }
    }

    /** The client's threads for its timers are static, in classes that are this bridge's own. */
    @Override
    public void close() {
        if (used) {
            Schedulers.shutdown();
        }
    }

    private Connection connection(String link) {
        used = true;
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("polymq-bridge-mqtt-io", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        return new Connection(client(link, loop), loop, settings.bridge());
    }

    private Client client(String link, EventLoopGroup loop) {
        MqttClientBuilder builder = MqttClient.builder()
                .identifier(link)
                .serverHost(host)
                .serverPort(port)
                .executorConfig()
                .nettyExecutor(loop)
                .applyExecutorConfig();
        if (tls) {
            builder = builder.sslConfig(MqttClientSslConfig.builder()
                    .trustManagerFactory(settings.tls().trust())
                    .keyManagerFactory(settings.tls().identity())
                    .build());
        }
        return version5
                ? new Client5(authenticated(builder.useMqttVersion5()).buildAsync(), options)
                : new Client3(authenticated(builder.useMqttVersion3()).buildAsync(), options);
    }

    private Mqtt5ClientBuilder authenticated(Mqtt5ClientBuilder builder) {
        String user = settings.user();
        return user == null
                ? builder
                : builder.simpleAuth().username(user).password(password()).applySimpleAuth();
    }

    private Mqtt3ClientBuilder authenticated(Mqtt3ClientBuilder builder) {
        String user = settings.user();
        return user == null
                ? builder
                : builder.simpleAuth().username(user).password(password()).applySimpleAuth();
    }

    private byte[] password() {
        return Objects.requireNonNullElse(settings.password(), "").getBytes(StandardCharsets.UTF_8);
    }

    private static BrokerException invalid(String what) {
        return new BrokerException(Reason.INVALID_REQUEST, what);
    }
}
