/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.rocketmq;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.lang.reflect.Field;
import javax.net.ssl.SSLException;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.impl.MQClientManager;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.netty.NettyRemotingAbstract;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.RemoteTls;

/**
 * Encrypts the connections of a client. RocketMQ's own settings of TLS are files and static fields, trust everybody
 * unless told otherwise, and name no host to check; so the client gets a context that is made here.
 */
final class RocketMqTls {
    private static final String CONTEXT_FIELD = "sslContext";

    private RocketMqTls() {}

    /**
     * @param checkHosts whether a certificate has to be of the host that is connected to, and not only of an authority
     *     that is trusted
     */
    static SslContext context(RemoteTls tls, boolean checkHosts) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(tls.trust())
                .keyManager(tls.identity());
        return checkHosts
                ? new HostCheckingSslContext(
                        builder.endpointIdentificationAlgorithm("HTTPS").build())
                : builder.endpointIdentificationAlgorithm(null).build();
    }

    /**
     * Has a client use the context. To be called when everything else about it is set, before it is started.
     *
     * @param hook what the client was made with
     */
    static void apply(SslContext context, ClientConfig client, @Nullable RPCHook hook) throws RemoteDownException {
        Object connections = MQClientManager.getInstance()
                .getOrCreateMQClientInstance(client, hook)
                .getMQClientAPIImpl()
                .getRemotingClient();
        try {
            Field field = NettyRemotingAbstract.class.getDeclaredField(CONTEXT_FIELD);
            field.setAccessible(true);
            field.set(connections, context);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            throw new RemoteDownException("this client of RocketMQ cannot be given a certificate to trust", e);
        }
    }
}
