/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.List;

/** The keys of users and TLS. */
final class SecurityOptions {
    static final Option<Boolean> ENABLED = new Option<>(
            "security.enabled",
            OptionType.BOOLEAN,
            "false",
            "Whether clients have to log in and need permissions. Must be on where other machines can reach `bind`. The"
                    + " first start makes the user `admin`, whose password it writes to `DATA/admin-password`.");
    static final Option<Boolean> ALLOW_PLAINTEXT = new Option<>(
            "security.allow-plaintext",
            OptionType.BOOLEAN,
            "false",
            "Accepts that passwords and messages cross the network unencrypted. Without it an address that other machines"
                    + " can reach needs a certificate and takes TLS only.");
    static final Option<String> KEY_FILE = new Option<>(
            "security.key-file",
            OptionType.TEXT,
            "",
            "The file of the key that secrets of access keys are encrypted under; made at the first start, mode 0600."
                    + " Empty: `DATA/security.key`. Keep a copy elsewhere than the data.");
    static final Option<String> ANONYMOUS_USER = new Option<>(
            "security.anonymous-user",
            OptionType.TEXT,
            "",
            "The user that clients without credentials act as, with that user's permissions. Empty: they are refused.");
    static final Option<String> ADMIN_PASSWORD_FILE = new Option<>(
            "security.admin-password-file",
            OptionType.TEXT,
            "",
            "A file with the password that the first start gives to `admin`, such as a secret of Docker or Kubernetes. Later"
                    + " starts do not read it. Empty: one is made up and written to `DATA/admin-password`.");
    static final Option<Integer> PASSWORD_ITERATIONS = new Option<>(
            "security.password-iterations",
            OptionType.number(1_000, 10_000_000),
            "600000",
            "Iterations of PBKDF2-HMAC-SHA-256 for passwords set from now on. A client that logs in by SCRAM does as"
                    + " many.");
    static final Option<String> AUDIT_DIRECTORY = new Option<>(
            "security.audit-directory",
            OptionType.TEXT,
            "",
            "Where `audit.log` is: administration, logins and denials as JSON lines. Empty: `DATA/audit`.");
    static final Option<DataSize> AUDIT_FILE_SIZE = new Option<>(
            "security.audit-file-size",
            OptionType.size("64KB", "1GB"),
            "10MB",
            "At this size the audit log goes on in a new file.");
    static final Option<Integer> AUDIT_FILES = new Option<>(
            "security.audit-files",
            OptionType.number(2, 10_000),
            "20",
            "How many files of the audit log are kept; the oldest goes first.");
    static final Option<String> TLS_CERTIFICATE = new Option<>(
            "tls.certificate",
            OptionType.TEXT,
            "",
            "The server's certificate with its chain, a PEM file. All listeners then take TLS 1.2 and 1.3 on the same"
                    + " ports, and MQTT over TLS opens `mqtt.tls-port`. Read again when it changes.");
    static final Option<String> TLS_KEY = new Option<>(
            "tls.key", OptionType.TEXT, "", "The certificate's private key, a PEM file (PKCS#8, not encrypted).");
    static final Option<String> TLS_KEYSTORE = new Option<>(
            "tls.keystore",
            OptionType.TEXT,
            "",
            "Certificate and key in one PKCS#12 file, instead of `tls.certificate` and `tls.key`.");
    static final Option<String> TLS_KEYSTORE_PASSWORD_FILE = new Option<>(
            "tls.keystore-password-file", OptionType.TEXT, "", "The file that holds the keystore's password.");
    static final Option<String> TLS_CLIENT_CA = new Option<>(
            "tls.client-ca",
            OptionType.TEXT,
            "",
            "The authorities whose client certificates are accepted, a PEM file. Read again when it changes.");
    static final Option<String> TLS_CLIENT_CERTIFICATES = new Option<>(
            "tls.client-certificates",
            OptionType.words("none", "optional", "required"),
            "none",
            "Whether TLS clients are asked for a certificate. The user whose certificate it is acts, unless the client"
                    + " shows a password too.");
    static final Option<String> TLS_SNI_DIRECTORY = new Option<>(
            "tls.sni-directory",
            OptionType.TEXT,
            "",
            "A directory with more certificates: NAME.crt and NAME.key (PEM) serve the clients that ask for the host NAME;"
                    + " a NAME that begins with `_.` stands for `*.`. Other clients get `tls.certificate`. Read again when"
                    + " it changes.");
    static final Option<Integer> MQTT_TLS_PORT = new Option<>(
            "mqtt.tls-port", OptionType.PORT, "8883", "The port of MQTT over TLS; open when there is a certificate.");
    static final Option<Duration> TLS_RELOAD = new Option<>(
            "tls.reload-interval",
            OptionType.duration("100ms", "1d"),
            "10s",
            "How often a new connection looks whether the files of TLS have changed.");

    static final List<Option<?>> ALL = List.of(
            ENABLED,
            ALLOW_PLAINTEXT,
            ANONYMOUS_USER,
            KEY_FILE,
            ADMIN_PASSWORD_FILE,
            PASSWORD_ITERATIONS,
            AUDIT_DIRECTORY,
            AUDIT_FILE_SIZE,
            AUDIT_FILES,
            TLS_CERTIFICATE,
            TLS_KEY,
            TLS_KEYSTORE,
            TLS_KEYSTORE_PASSWORD_FILE,
            TLS_CLIENT_CA,
            TLS_CLIENT_CERTIFICATES,
            TLS_RELOAD,
            TLS_SNI_DIRECTORY,
            MQTT_TLS_PORT);

    private SecurityOptions() {}
}
