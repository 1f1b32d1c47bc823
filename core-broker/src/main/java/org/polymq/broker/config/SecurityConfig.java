/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Users, the audit log and TLS, keys {@code security.*} and {@code tls.*}.
 *
 * @param enabled {@code security.enabled}
 * @param plaintext whether listeners take connections without TLS
 * @param anonymousUser {@code security.anonymous-user}
 * @param keyFile {@code security.key-file}
 * @param adminPasswordFile where the first start leaves the generated password
 * @param givenPassword {@code security.admin-password-file}, which the first start reads instead
 * @param passwordIterations {@code security.password-iterations}
 * @param auditDirectory {@code security.audit-directory}
 * @param auditFileSize {@code security.audit-file-size}
 * @param auditFiles {@code security.audit-files}
 * @param tls the certificate, if there is one
 * @param mqttTlsPort {@code mqtt.tls-port}
 */
public record SecurityConfig(
        boolean enabled,
        boolean plaintext,
        String anonymousUser,
        Path keyFile,
        Path adminPasswordFile,
        Optional<Path> givenPassword,
        int passwordIterations,
        Path auditDirectory,
        DataSize auditFileSize,
        int auditFiles,
        Optional<TlsConfig> tls,
        int mqttTlsPort) {

    private static final String FIX = " Set bind to 127.0.0.1, or";

    static SecurityConfig of(Values values, boolean loopback) {
        boolean enabled = values.get(SecurityOptions.ENABLED);
        boolean allowed = values.get(SecurityOptions.ALLOW_PLAINTEXT);
        Optional<TlsConfig> tls = TlsConfig.of(values);
        if (!loopback && !enabled) {
            throw new ConfigException(reachable(values) + " and security is off: anybody could read and write"
                    + " everything." + FIX + " turn it on:\n  security.enabled: true");
        }
        if (!loopback && tls.isEmpty() && !allowed) {
            throw new ConfigException(reachable(values) + " and there is no certificate: passwords and messages would"
                    + " cross the network unencrypted." + FIX + " give it one:\n"
                    + "  tls.certificate: /path/to/server.crt\n  tls.key: /path/to/server.key\n"
                    + "or accept it:\n  security.allow-plaintext: true");
        }
        if (tls.isEmpty() && !values.source(SecurityOptions.MQTT_TLS_PORT).equals("default")) {
            throw new ConfigException(values.source(SecurityOptions.MQTT_TLS_PORT)
                    + ": mqtt.tls-port needs a certificate: set tls.certificate and tls.key, or tls.keystore");
        }
        Path data = Path.of(values.get(Options.DATA));
        return new SecurityConfig(
                enabled,
                loopback || allowed,
                values.get(SecurityOptions.ANONYMOUS_USER),
                path(values.get(SecurityOptions.KEY_FILE)).orElse(data.resolve("security.key")),
                data.resolve("admin-password"),
                path(values.get(SecurityOptions.ADMIN_PASSWORD_FILE)),
                values.get(SecurityOptions.PASSWORD_ITERATIONS),
                path(values.get(SecurityOptions.AUDIT_DIRECTORY)).orElse(data.resolve("audit")),
                values.get(SecurityOptions.AUDIT_FILE_SIZE),
                values.get(SecurityOptions.AUDIT_FILES),
                tls,
                values.get(SecurityOptions.MQTT_TLS_PORT));
    }

    private static String reachable(Values values) {
        return values.source(Options.BIND) + ": bind is \"" + values.get(Options.BIND)
                + "\", which other machines can reach,";
    }

    static Optional<Path> path(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }
}
