/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Self-signed certificates for tests, made with the JDK's keytool. */
public final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private TestCertificates() {}

    /**
     * One certificate in the forms that programs want.
     *
     * @param certificate PEM
     * @param key PEM, PKCS#8
     * @param keystore PKCS#12
     * @param passwordFile of the keystore
     */
    public record Made(Path certificate, Path key, Path keystore, Path passwordFile) {
        /** The keystore's password. */
        public String password() {
            return PASSWORD;
        }
    }

    /** @param subject such as {@code CN=localhost}; the certificate is good for localhost and 127.0.0.1 */
    public static Made make(Path directory, String name, String subject) {
        Path keystore = directory.resolve(name + ".p12");
        try {
            Files.createDirectories(directory);
            Files.deleteIfExists(keystore);
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "key",
                            "-keyalg",
                            "EC",
                            "-groupname",
                            "secp256r1",
                            "-dname",
                            subject,
                            "-validity",
                            "30",
                            "-ext",
                            "SAN=dns:localhost,ip:127.0.0.1",
                            "-storetype",
                            "PKCS12",
                            "-keystore",
                            keystore.toString(),
                            "-storepass",
                            PASSWORD)
                    .redirectErrorStream(true)
                    .start();
            if (!keytool.waitFor(60, TimeUnit.SECONDS)) {
                keytool.destroyForcibly();
                throw new AssertionError("keytool does not end");
            }
            String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (keytool.exitValue() != 0) {
                throw new AssertionError("keytool failed: " + said);
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(keystore)) {
                store.load(in, PASSWORD.toCharArray());
            }
            return new Made(
                    pem(
                            directory.resolve(name + ".crt"),
                            "CERTIFICATE",
                            store.getCertificate("key").getEncoded()),
                    pem(
                            directory.resolve(name + ".key"),
                            "PRIVATE KEY",
                            store.getKey("key", PASSWORD.toCharArray()).getEncoded()),
                    keystore,
                    Files.writeString(directory.resolve(name + ".password"), PASSWORD + "\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Path pem(Path file, String what, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n");
    }
}
