/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.polymq.broker.Broker;
import org.polymq.broker.ConsumingSettings;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.config.JmsConfig;
import org.polymq.broker.config.LimitsConfig;
import org.polymq.broker.config.RetentionConfig;
import org.polymq.broker.config.SecurityConfig;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.message.NameLimits;
import org.polymq.broker.net.Encryption;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Tls;
import org.polymq.broker.net.TrustedProxies;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.AuditFile;
import org.polymq.broker.security.SecuritySettings;
import org.polymq.broker.state.Retention;
import org.polymq.broker.subscription.RedeliveryPolicy;
import org.polymq.broker.subscription.SubscriptionCaps;
import org.polymq.jms.gateway.JmsSettings;
import org.polymq.mqtt.MqttConfig;
import org.polymq.mqtt.Origins;
import org.polymq.mqtt.PacketIds;
import org.polymq.mqtt.Redirect;
import org.polymq.mqtt.wire.DecoderLimits;
import org.polymq.remoting.ClientLimits;
import org.polymq.remoting.DelayLevels;
import org.polymq.remoting.NativeConfig;
import org.polymq.remoting.TransactionSettings;
import org.polymq.storage.FlushMode;

/**
 * What each component is told, taken from the one configuration; where that has no key, the component's own default.
 */
record ComponentSettings(ServerConfig config) {

    /** What sends spans, if they are sent anywhere; its library is loaded only then. */
    Optional<OtlpSpans> spans() {
        return config.tracing()
                .endpoint()
                .map(endpoint -> new OtlpSpans(endpoint, config.tracing().serviceName(), config.brokerName()));
    }

    /** Of a single node, which shares nothing. */
    Broker.Settings core(Audit audit, InstantSource clock) {
        return core(audit, alone(clock), true);
    }

    /** Of a node of a group: segments are not cleaned in place, which has not been tried there. */
    Broker.Settings inGroup(Audit audit, SharedState shared) {
        return core(audit, shared, false);
    }

    /** Bytes of log from which on a consumer reads from a node that follows; 0: never. */
    long followerReads() {
        return config.cluster().followerReads().bytes();
    }

    /** What is counted, in this process alone. */
    SharedState alone(InstantSource clock) {
        return SharedState.alone(config.limits().connectionsPerUser(), clock);
    }

    private Broker.Settings core(Audit audit, SharedState shared, boolean cleaning) {
        return new Broker.Settings(
                config.clusterName(),
                new Publisher.Settings(
                        config.topics().defaultQueues(),
                        config.limits().messageSize().toInt(),
                        Math.min(
                                config.limits().messageSize().toInt(),
                                config.storage().maxWholeMessage()),
                        config.limits().largeMessageMemory().bytes(),
                        new NameLimits(
                                config.limits().topicLength(), config.limits().topicLevels()),
                        config.limits().queueDepth()),
                retention(cleaning),
                caps(),
                config.storage().viewsMemory().bytes(),
                security(),
                audit,
                consuming(),
                Optional.of(shared));
    }

    /** @param cleaning whether segments are cleaned in place */
    Retention.Settings retention(boolean cleaning) {
        return new Retention.Settings(
                config.storage().retention(),
                config.mqtt().retention(),
                config.retention().mqttSize().bytes(),
                config.retention().logSize().bytes(),
                config.retention().cleanBelow().bytes(),
                cleaning);
    }

    SubscriptionCaps.Settings caps() {
        return new SubscriptionCaps.Settings(
                cap(config.retention().subscriptions()),
                cap(config.retention().queues()),
                config.retention().expiry());
    }

    private ConsumingSettings consuming() {
        return new ConsumingSettings(redelivery(), config.jms().transactionTimeout());
    }

    RedeliveryPolicy redelivery() {
        JmsConfig jms = config.jms();
        return new RedeliveryPolicy(
                jms.maxDeliveries(), jms.redeliveryDelay(), jms.redeliveryBackoff(), jms.redeliveryMaxDelay(), "");
    }

    private static SubscriptionCaps.Cap cap(RetentionConfig.Cap cap) {
        return new SubscriptionCaps.Cap(cap.age(), cap.size().bytes());
    }

    private SecuritySettings security() {
        SecurityConfig security = config.security();
        return new SecuritySettings(
                security.enabled(),
                new SecuritySettings.Files(
                        security.keyFile(),
                        security.adminPasswordFile(),
                        security.givenPassword().orElse(null)),
                security.passwordIterations(),
                security.anonymousUser(),
                definedIn());
    }

    /** In a cluster of several groups the first one has the users, and the others copies; empty: they are here. */
    private String definedIn() {
        return config.cluster().groups().stream()
                .findFirst()
                .filter(first -> !first.equals(config.brokerName()))
                .orElse("");
    }

    /** Where administration, logins and denials are written down: nowhere while security is off. */
    Audit audit(InstantSource clock) throws IOException {
        SecurityConfig security = config.security();
        return security.enabled()
                ? AuditFile.open(
                        security.auditDirectory(), security.auditFileSize().bytes(), security.auditFiles(), clock)
                : Audit.NONE;
    }

    Encryption encryption() throws IOException {
        SecurityConfig security = config.security();
        Optional<Tls> tls =
                security.tls().isPresent() ? Optional.of(Tls.open(security.tls().orElseThrow())) : Optional.empty();
        return new Encryption(
                tls, security.plaintext() ? Encryption.Plaintext.EVERYBODY : Encryption.Plaintext.THIS_MACHINE);
    }

    Limits limits() {
        LimitsConfig limits = config.limits();
        return new Limits(
                limits.connections(),
                limits.connectionsPerAddress(),
                limits.connectionRate(),
                limits.clusterConnections(),
                new Limits.Login(
                        limits.login().firstBytes(),
                        limits.login().handshake(),
                        limits.login().size().toInt(),
                        limits.login().memory().bytes()));
    }

    NativeConfig remoting() {
        NativeConfig defaults = NativeConfig.of(config.clusterName(), config.brokerName());
        return new NativeConfig(
                config.clusterName(),
                config.brokerName(),
                config.remoting().autoCreateTopics(),
                defaults.maxAutoQueues(),
                config.remoting().maxDeliverSize().toInt(),
                defaults.clientTimeout(),
                config.remoting().queueLockTime(),
                new DelayLevels(config.remoting().delayLevels()),
                new TransactionSettings(
                        config.remoting().transactions().timeout(),
                        config.remoting().transactions().checkInterval(),
                        config.remoting().transactions().checkMax()),
                Optional.of(config.remoting().advertise()),
                new ClientLimits(config.limits().requestRate(), config.limits().subscriptionsPerSession()),
                shown());
    }

    /** What RocketMQ's tools show of a broker's configuration, under the names they know. */
    private Map<String, String> shown() {
        return Map.of(
                "brokerIP1", config.remoting().advertise().getHostAddress(),
                "listenPort", Integer.toString(config.remoting().port()),
                "fileReservedTime", Long.toString(config.storage().retention().toHours()),
                "flushDiskType", config.storage().log().flush() == FlushMode.SYNC ? "SYNC_FLUSH" : "ASYNC_FLUSH",
                "maxMessageSize", Integer.toString(config.limits().messageSize().toInt()),
                "transactionTimeOut",
                        Long.toString(config.remoting().transactions().timeout().toMillis()),
                "transactionCheckInterval",
                        Long.toString(
                                config.remoting().transactions().checkInterval().toMillis()),
                "transactionCheckMax",
                        Integer.toString(config.remoting().transactions().checkMax()));
    }

    /** {@code now} in ms since the epoch tells this run's connections from those of the run before. */
    JmsSettings jms(long now) {
        return new JmsSettings(
                config.jms().maxFrameSize().toInt(),
                JmsSettings.defaults(now).maxObjects(),
                config.limits().requestRate(),
                now,
                config.jms().autoCreate());
    }

    /** The packet identifiers that messages go out with: a share of them in a group of several. */
    PacketIds packetIds() {
        int slot = config.cluster().groups().indexOf(config.brokerName());
        return slot < 0 ? PacketIds.ALL : PacketIds.of(slot);
    }

    MqttConfig mqtt() {
        LimitsConfig limits = config.limits();
        MqttConfig defaults = MqttConfig.defaults();
        DecoderLimits decoder = new DecoderLimits(
                defaults.decoder().maxConnectSize(),
                limits.mqttPacketSize().toInt(),
                limits.topicLength(),
                limits.topicLevels(),
                defaults.decoder().maxFilters(),
                limits.userProperties(),
                limits.userPropertiesSize().toInt());
        Duration keepAlive = config.mqtt().maxKeepAlive();
        return new MqttConfig(
                decoder,
                config.mqtt().receiveMaximum(),
                Math.min(limits.inFlight(), 32_767),
                config.mqtt().topicAliasMaximum(),
                defaults.maxClientIdLength(),
                limits.subscriptionsPerSession(),
                defaults.maxWillSize(),
                config.mqtt().sessionExpiry(),
                config.mqtt().sessionExpiry(),
                keepAlive.isZero() ? defaults.maxKeepAlive() : (int) keepAlive.toSeconds(),
                defaults.maxBacklog(),
                limits.unsentPerConnection().toInt(),
                limits.requestRate(),
                new MqttConfig.Offers(
                        config.mqtt().serverTopicAliases(),
                        config.mqtt().sharedExpiry(),
                        config.mqtt().responseInformation(),
                        config.mqtt().sysInterval(),
                        config.mqtt().revealDenials(),
                        redirect(),
                        Origins.of(config.mqtt().webSocketOrigins())));
    }

    private Redirect redirect() {
        String reference = config.mqtt().redirect().serverReference();
        return switch (config.mqtt().redirect().when()) {
            case NEVER -> Redirect.NEVER;
            case AT_STOP -> Redirect.atStop(reference);
            case TEMPORARY -> Redirect.temporary(reference);
            case PERMANENT -> Redirect.permanent(reference);
        };
    }

    /** The proxies in front of MQTT's listeners. */
    TrustedProxies mqttProxies() {
        return TrustedProxies.of(config.mqtt().proxies());
    }
}
