/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import jakarta.jms.JMSException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is encrypted. Immutable.
 *
 * @param ca PEM file of the authorities to trust, or null
 * @param trustStore a key store (PKCS#12 or JKS) of the same, or null; without either those that Java trusts
 * @param trustStorePassword its password, or null
 * @param certificate PEM file of the client's certificate with its chain, or null for none
 * @param key PEM file of its private key (PKCS#8, not encrypted)
 * @param keyStore certificate and key in one key store instead, or null
 * @param keyStorePassword its password, or null
 * @param verifyHost whether the server's certificate has to name the host of the URL
 */
record TlsOptions(
        @Nullable String ca,
        @Nullable String trustStore,
        @Nullable String trustStorePassword,
        @Nullable String certificate,
        @Nullable String key,
        @Nullable String keyStore,
        @Nullable String keyStorePassword,
        boolean verifyHost) {
    static final TlsOptions DEFAULT = new TlsOptions(null, null, null, null, null, null, null, true);
    static final String NAMES =
            "ca, trustStore, trustStorePassword, certificate, key, keyStore, keyStorePassword, verifyHost";

    TlsOptions {
        if (ca != null && trustStore != null) {
            throw new IllegalArgumentException("give ca or trustStore, not both");
        }
        if (certificate != null && keyStore != null) {
            throw new IllegalArgumentException("give certificate and key or keyStore, not both");
        }
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("certificate and key belong together");
        }
    }

    /**
     * Reads the files.
     *
     * @throws JMSException if one cannot be read; the message names it
     */
    SslContext context() throws JMSException {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .endpointIdentificationAlgorithm(verifyHost ? "HTTPS" : "");
            if (ca != null) {
                builder.trustManager(readable(ca));
            } else if (trustStore != null) {
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(store(trustStore, trustStorePassword));
                builder.trustManager(trust);
            }
            if (certificate != null && key != null) {
                builder.keyManager(readable(certificate), readable(key));
            } else if (keyStore != null) {
                KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(store(keyStore, keyStorePassword), chars(keyStorePassword));
                builder.keyManager(keys);
            }
            return builder.build();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw Errors.chained("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static File readable(String path) throws IOException {
        File file = new File(path);
        if (!file.canRead()) {
            throw new IOException("the file " + path + " cannot be read");
        }
        return file;
    }

    private static KeyStore store(String path, @Nullable String password) throws GeneralSecurityException, IOException {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            KeyStore store =
                    KeyStore.getInstance(path.toLowerCase(java.util.Locale.ROOT).endsWith(".jks") ? "JKS" : "PKCS12");
            store.load(in, chars(password));
            return store;
        } catch (IOException e) {
            throw new IOException("the key store " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static char @Nullable [] chars(@Nullable String text) {
        return text == null ? null : text.toCharArray();
    }
}
