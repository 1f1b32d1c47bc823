/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.DomainWildcardMappingBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.config.TlsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.2 and 1.3 for listeners. Files that change are read again for later connections; while they do not fit together
 * the old ones stay in use. Safe from any thread.
 */
public final class Tls {
    /** The first byte of a TLS connection: a handshake record. No protocol of PolyMQ begins with it. */
    static final int FIRST_BYTE = 0x16;

    private static final String CERTIFICATE = ".crt";
    private static final String KEY = ".key";
    /** A file name with this beginning stands for each host one level below the rest of it. */
    private static final String ANY_HOST = "_.";

    private static final Logger log = LoggerFactory.getLogger(Tls.class);

    private final TlsConfig config;
    private final AtomicLong nextLook;
    private final AtomicBoolean loading = new AtomicBoolean();
    private volatile Loaded current;

    private record Loaded(SslContext context, Map<String, SslContext> byHost, List<FileTime> times) {
        ChannelHandler handler(Channel channel) {
            if (byHost.isEmpty()) {
                return context.newHandler(channel.alloc());
            }
            DomainWildcardMappingBuilder<SslContext> hosts = new DomainWildcardMappingBuilder<>(context);
            byHost.forEach(hosts::add);
            return new SniHandler(hosts.build());
        }
    }

    private Tls(TlsConfig config, Loaded loaded) {
        this.config = config;
        this.current = loaded;
        this.nextLook = new AtomicLong(System.nanoTime() + config.reload().toNanos());
    }

    /** @throws IOException if the files cannot be read or do not fit together; says which */
    public static Tls open(TlsConfig config) throws IOException {
        return new Tls(config, load(config));
    }

    /** The handler that does TLS for one new connection. */
    ChannelHandler handler(Channel channel) {
        long now = System.nanoTime();
        long look = nextLook.get();
        if (now - look >= 0
                && nextLook.compareAndSet(look, now + config.reload().toNanos())) {
            reloadIfChanged();
        }
        return current.handler(channel);
    }

    // Not on the event loop that asked: reading a key takes milliseconds.
    private void reloadIfChanged() {
        if (!loading.compareAndSet(false, true)) {
            return;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        if (!times(config).equals(current.times())) {
                            current = load(config);
                            log.info("read the certificate {} again", config.certificate());
                        }
                    } catch (IOException e) {
                        log.error("the files of TLS have changed and cannot be used; the old ones stay in use", e);
                    } finally {
                        loading.set(false);
                    }
                },
                "polymq-tls");
        thread.setDaemon(true);
        thread.start();
    }

    private static Loaded load(TlsConfig config) throws IOException {
        List<FileTime> times = times(config);
        try {
            SslContextBuilder builder = config.key().isPresent()
                    ? SslContextBuilder.forServer(
                            config.certificate().toFile(),
                            config.key().orElseThrow().toFile())
                    : SslContextBuilder.forServer(keystore(config));
            return new Loaded(build(builder, config), byHost(config), times);
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new IOException(
                    "the certificate " + config.certificate() + " and its key cannot be used: " + e.getMessage(), e);
        }
    }

    private static SslContext build(SslContextBuilder builder, TlsConfig config) throws IOException {
        config.clientCa().ifPresent(authorities -> builder.trustManager(authorities.toFile()));
        return builder.sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .clientAuth(
                        switch (config.clients()) {
                            case NONE -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRED -> ClientAuth.REQUIRE;
                        })
                .build();
    }

    private static Map<String, SslContext> byHost(TlsConfig config) throws IOException {
        Map<String, SslContext> contexts = new LinkedHashMap<>();
        for (Path certificate : hostCertificates(config)) {
            String name = String.valueOf(certificate.getFileName());
            String host = name.substring(0, name.length() - CERTIFICATE.length());
            Path key = certificate.resolveSibling(host + KEY);
            try {
                contexts.put(
                        host.startsWith(ANY_HOST) ? "*" + host.substring(1) : host,
                        build(SslContextBuilder.forServer(certificate.toFile(), key.toFile()), config));
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "the certificate " + certificate + " and " + key + " cannot be used: " + e.getMessage(), e);
            }
        }
        return contexts;
    }

    private static List<Path> hostCertificates(TlsConfig config) throws IOException {
        if (config.sniDirectory().isEmpty()) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(config.sniDirectory().orElseThrow())) {
            return files.filter(file -> file.toString().endsWith(CERTIFICATE))
                    .sorted()
                    .toList();
        }
    }

    private static KeyManagerFactory keystore(TlsConfig config) throws IOException, GeneralSecurityException {
        char[] password = config.passwordFile().isPresent()
                ? Files.readString(config.passwordFile().orElseThrow(), UTF_8)
                        .strip()
                        .toCharArray()
                : new char[0];
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(config.certificate())) {
            store.load(in, password);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory;
    }

    private static List<FileTime> times(TlsConfig config) throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(config.certificate());
        config.key().ifPresent(files::add);
        config.passwordFile().ifPresent(files::add);
        config.clientCa().ifPresent(files::add);
        for (Path certificate : hostCertificates(config)) {
            String path = certificate.toString();
            files.add(certificate);
            files.add(Path.of(path.substring(0, path.length() - CERTIFICATE.length()) + KEY));
        }
        List<FileTime> times = new ArrayList<>();
        for (Path file : files) {
            times.add(Files.getLastModifiedTime(file));
        }
        return times;
    }

    /**
     * The certificate that the client of a connection has proved to own, if it showed one over TLS: to this server, or
     * to the gateway that has opened the stream for it.
     */
    public static Optional<X509Certificate> clientCertificate(Channel channel) {
        Optional<GatewayClient> client = GatewayClient.of(channel);
        if (client.isPresent()) {
            return client.get().certificate(); // and not that of the gateway's node
        }
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            return Optional.empty();
        }
        try {
            return handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? Optional.of(certificate)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }
}
