/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.rocketmq;

import io.netty.handler.ssl.SslContext;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.remoting.RPCHook;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.Remote;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.bridge.remote.RemoteTls;
import org.polymq.bridge.remote.Sender;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Names;

/** An Apache RocketMQ cluster, found through its name servers. Each link has a client. */
public final class RocketMqRemote implements Remote {
    private static final Set<String> OPTIONS = Set.of("group", "from", "queues", "check-hosts");
    private static final String SCHEME = "rocketmq://";

    private final RemoteSettings settings;
    private final String nameServers;
    private final String group;
    private final boolean fromFirst;
    private final int queues;
    private final @Nullable SslContext encryption;

    /** @throws BrokerException INVALID_REQUEST if an option is wrong */
    public RocketMqRemote(RemoteSettings settings) {
        this.settings = settings;
        if (!settings.url().startsWith(SCHEME)) {
            throw invalid("url is " + SCHEME + "HOST:PORT;HOST:PORT, the name servers, not '" + settings.url() + "'");
        }
        this.nameServers = settings.url().substring(SCHEME.length());
        settings.options().keySet().stream()
                .filter(key -> !OPTIONS.contains(key))
                .findFirst()
                .ifPresent(key -> {
                    throw invalid("there is no option rocketmq." + key);
                });
        this.group = settings.option("group")
                .orElse("polymq-bridge-" + settings.bridge().replace('.', '_'));
        String from = settings.option("from").orElse("first");
        if (!from.equals("first") && !from.equals("last")) {
            throw invalid("rocketmq.from is first or last, not '" + from + "'");
        }
        this.fromFirst = from.equals("first");
        this.queues = queues(settings.option("queues").orElse("4"));
        this.encryption =
                encryption(settings.tls(), settings.option("check-hosts").orElse("true"));
    }

    private static @Nullable SslContext encryption(RemoteTls tls, String checkHosts) {
        if (!checkHosts.equals("true") && !checkHosts.equals("false")) {
            throw invalid("rocketmq.check-hosts is true or false, not '" + checkHosts + "'");
        }
        if (!tls.on()) {
            return null;
        }
        if (checkHosts.equals("false") && tls.authority() == null) {
            throw invalid("rocketmq.check-hosts=false needs tls.authority: whose certificates count for every host");
        }
        try {
            return RocketMqTls.context(tls, checkHosts.equals("true"));
        } catch (SSLException e) {
            throw invalid("tls cannot be used: " + e.getMessage());
        }
    }

    private static int queues(String text) {
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw invalid("rocketmq.queues is a number from 1 to 9999, not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    @Override
    public Sender openSender(String link) throws RemoteDownException {
        return RocketMqSender.open(this, link, queues, settings.maxMessageSize());
    }

    @Override
    public Receiver openReceiver(String link, String source) throws RemoteDownException {
        Destination from = Destination.ofMqttName(source);
        String topic = Names.toNative(Address.split(from.name()).topic());
        return RocketMqReceiver.open(this, link, topic, settings.window(), fromFirst);
    }

    String group() {
        return group;
    }

    String bridge() {
        return settings.bridge();
    }

    @Nullable
    RPCHook signature() {
        String user = settings.user();
        return user == null
                ? null
                : new AclClientRPCHook(
                        new SessionCredentials(user, Objects.requireNonNullElse(settings.password(), "")));
    }

    void configure(ClientConfig client, String link) {
        client.setNamesrvAddr(nameServers);
        client.setInstanceName(link);
        client.setUseTLS(encryption != null);
        client.setVipChannelEnabled(false);
        client.setPollNameServerInterval(5_000);
        client.setHeartbeatBrokerInterval(5_000);
        client.setMqClientApiTimeout(5_000);
    }

    /**
     * Encrypts what a client will connect to, if that is wanted. To be called right before its start.
     *
     * @param signature what the client was made with
     */
    void secure(ClientConfig client, @Nullable RPCHook signature) throws RemoteDownException {
        if (encryption != null) {
            RocketMqTls.apply(encryption, client, signature);
        }
    }

    private static BrokerException invalid(String what) {
        return new BrokerException(Reason.INVALID_REQUEST, what);
    }
}
