/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Certificates, keys {@code tls.*}.
 *
 * @param certificate PEM chain or PKCS#12 file
 * @param key PEM key; empty for PKCS#12
 * @param passwordFile of the PKCS#12 file
 * @param clientCa PEM file of authorities, if clients may show certificates
 * @param clients whether clients are asked for certificates
 * @param reload how often changed files are looked for
 * @param sniDirectory with the certificates of more host names
 */
public record TlsConfig(
        Path certificate,
        Optional<Path> key,
        Optional<Path> passwordFile,
        Optional<Path> clientCa,
        ClientCertificates clients,
        Duration reload,
        Optional<Path> sniDirectory) {
    /** Without certificates for other host names. */
    public TlsConfig(
            Path certificate,
            Optional<Path> key,
            Optional<Path> passwordFile,
            Optional<Path> clientCa,
            ClientCertificates clients,
            Duration reload) {
        this(certificate, key, passwordFile, clientCa, clients, reload, Optional.empty());
    }

    /** Whether TLS clients are asked for a certificate. */
    public enum ClientCertificates {
        NONE,
        OPTIONAL,
        REQUIRED
    }

    static Optional<TlsConfig> of(Values values) {
        Optional<Path> certificate = path(values, SecurityOptions.TLS_CERTIFICATE);
        Optional<Path> key = path(values, SecurityOptions.TLS_KEY);
        Optional<Path> keystore = path(values, SecurityOptions.TLS_KEYSTORE);
        Optional<Path> clientCa = path(values, SecurityOptions.TLS_CLIENT_CA);
        ClientCertificates clients = switch (values.get(SecurityOptions.TLS_CLIENT_CERTIFICATES)) {
            case "required" -> ClientCertificates.REQUIRED;
            case "optional" -> ClientCertificates.OPTIONAL;
            default -> ClientCertificates.NONE;
        };
        if (certificate.isPresent() != key.isPresent() || (certificate.isPresent() && keystore.isPresent())) {
            throw new ConfigException("TLS needs either tls.certificate and tls.key, or tls.keystore");
        }
        if (clients != ClientCertificates.NONE && clientCa.isEmpty()) {
            throw new ConfigException(values.source(SecurityOptions.TLS_CLIENT_CERTIFICATES)
                    + ": tls.client-certificates needs tls.client-ca, the authorities that signed them");
        }
        return keystore.or(() -> certificate)
                .map(file -> new TlsConfig(
                        file,
                        key,
                        path(values, SecurityOptions.TLS_KEYSTORE_PASSWORD_FILE),
                        clientCa,
                        clients,
                        values.get(SecurityOptions.TLS_RELOAD),
                        path(values, SecurityOptions.TLS_SNI_DIRECTORY)));
    }

    private static Optional<Path> path(Values values, Option<String> option) {
        return SecurityConfig.path(values.get(option));
    }
}
