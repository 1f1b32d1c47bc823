/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * How connections to a remote are encrypted: as PEM texts, since a definition names no files of the broker's machine.
 *
 * @param on whether they are, where the url does not say so
 * @param authority certificates to trust; null for those that Java trusts
 * @param certificate what is shown to the remote, with the chain behind it; null for nothing
 * @param key of the certificate, PKCS#8 without a password; null exactly if that is
 */
public record RemoteTls(
        boolean on,
        @Nullable String authority,
        @Nullable String certificate,
        @Nullable String key) {
    private static final char[] NO_PASSWORD = {};
    private static final String KEY_BEGINS = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_ENDS = "-----END PRIVATE KEY-----";

    /** @throws BrokerException INVALID_REQUEST if a text is not what it should be */
    public RemoteTls {
        if ((certificate == null) != (key == null)) {
            throw invalid("tls.certificate and tls.key belong together");
        }
        if (authority != null) {
            certificates("tls.authority", authority);
        }
        if (certificate != null && key != null) {
            privateKey(key, certificates("tls.certificate", certificate).get(0));
        }
    }

    /** Trusts the authorities and no others; null to leave it to Java. */
    public @Nullable TrustManagerFactory trust() {
        if (authority == null) {
            return null;
        }
        try {
            KeyStore store = emptyStore();
            int number = 0;
            for (Certificate each : certificates("tls.authority", authority)) {
                store.setCertificateEntry("authority-" + number++, each);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw unusable("tls.authority", e);
        }
    }

    /** Shows the certificate; null if there is none. */
    public @Nullable KeyManagerFactory identity() {
        if (certificate == null || key == null) {
            return null;
        }
        try {
            List<Certificate> chain = certificates("tls.certificate", certificate);
            KeyStore store = emptyStore();
            store.setKeyEntry("own", privateKey(key, chain.get(0)), NO_PASSWORD, chain.toArray(new Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw unusable("tls.certificate", e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(String option, String pem) {
        try (InputStream in = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))) {
            List<Certificate> all =
                    List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (all.isEmpty()) {
                throw invalid(option + " holds no certificate; it is PEM text: -----BEGIN CERTIFICATE-----");
            }
            return all;
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(option, e);
        }
    }

    private static PrivateKey privateKey(String pem, Certificate of) {
        int begin = pem.indexOf(KEY_BEGINS);
        int end = pem.indexOf(KEY_ENDS);
        if (begin < 0 || end < begin) {
            throw invalid("tls.key is no PEM text with " + KEY_BEGINS
                    + " (openssl pkcs8 -topk8 -nocrypt makes one of other keys)");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGINS.length(), end));
            return KeyFactory.getInstance(of.getPublicKey().getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw unusable("tls.key", e);
        }
    }

    private static BrokerException unusable(String option, Exception cause) {
        return new BrokerException(Reason.INVALID_REQUEST, option + " cannot be used: " + cause.getMessage(), cause);
    }

    private static BrokerException invalid(String what) {
        return new BrokerException(Reason.INVALID_REQUEST, what);
    }

    @Override
    public String toString() {
        return "RemoteTls[" + on + "]"; // never the key
    }
}
