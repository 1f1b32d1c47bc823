/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the server is and who asks; the same for all administration commands. Secrets are never arguments. */
public final class ApiOptions {
    private static final String PASSWORD = "POLYMQ_PASSWORD";
    private static final String TOKEN = "POLYMQ_TOKEN";

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The server's admin API; default: POLYMQ_URL or http://127.0.0.1:8080.")
    private @Nullable String url;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "Log in as this user. The password comes from POLYMQ_PASSWORD, --password-file or a prompt."
                    + " Or set POLYMQ_TOKEN.")
    private @Nullable String user;

    @Option(names = "--password-file", paramLabel = "FILE", description = "A file that holds the password of --user.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "PEM file of the certificates to trust for https; default: those that Java trusts.")
    private @Nullable Path ca;

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean json;

    public boolean json() {
        return json;
    }

    /** Where the server's admin API is. */
    public String address() {
        return url != null ? url : System.getenv().getOrDefault("POLYMQ_URL", "http://127.0.0.1:8080");
    }

    public ApiClient client() throws IOException {
        return client(address());
    }

    /** The same caller at another server of the same cluster. */
    ApiClient client(String address) throws IOException {
        Map<String, String> environment = System.getenv();
        return new ApiClient(address, authorization(environment), ca == null ? null : trust(ca));
    }

    private @Nullable String authorization(Map<String, String> environment) throws IOException {
        String token = environment.get(TOKEN);
        if (user == null) {
            return token == null ? null : "Bearer " + token;
        }
        String password =
                Secrets.read(passwordFile, environment.get(PASSWORD), "password of " + user, System.console(), false);
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    private static SSLSocketFactory trust(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + number++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new CommandFailedException("no certificates can be read from " + file + ": " + e.getMessage(), e);
        }
    }

    /** How secrets are given: by file, environment or prompt, never as an argument. */
    static final class Secrets {
        private Secrets() {}

        static String read(
                @Nullable Path file, @Nullable String variable, String what, @Nullable Console console, boolean twice)
                throws IOException {
            if (file != null) {
                return Files.readString(file, UTF_8).strip();
            }
            if (variable != null) {
                return variable;
            }
            char[] typed = console == null ? null : console.readPassword("%s: ", what);
            if (typed == null || console == null) {
                throw new CommandFailedException("the " + what
                        + " is missing: give it by file or environment variable (see --help), or run in a terminal");
            }
            String password = new String(typed);
            if (twice) {
                char[] again = console.readPassword("%s again: ", what);
                if (again == null || !password.equals(new String(again))) {
                    throw new CommandFailedException("the two were not the same");
                }
            }
            return password;
        }
    }
}
