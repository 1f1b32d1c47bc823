/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** Puts secrets of a file into configurations when a connector starts, so that neither log nor API holds them. */
final class Secrets {
    private static final Pattern PLACE = Pattern.compile("\\$\\{secret:([^}]*)}");

    private final Optional<Path> file;

    Secrets(Optional<Path> file) {
        this.file = file;
    }

    /** @throws BrokerException INVALID_REQUEST if a secret is named that there is not */
    Map<String, String> resolve(Map<String, String> config) {
        Map<String, String> resolved = new TreeMap<>(config);
        if (config.values().stream().anyMatch(value -> PLACE.matcher(value).find())) {
            Properties secrets = read();
            resolved.replaceAll((key, value) -> resolve(key, value, secrets));
        }
        return resolved;
    }

    private static String resolve(String key, String value, Properties secrets) {
        return PLACE.matcher(value).replaceAll(place -> {
            String secret = secrets.getProperty(place.group(1));
            if (secret == null) {
                throw new BrokerException(
                        Reason.INVALID_REQUEST,
                        key + ": the file of connectors.secrets-file has no secret '" + place.group(1) + "'");
            }
            return Matcher.quoteReplacement(secret);
        });
    }

    private Properties read() {
        Path path = file.orElseThrow(() -> new BrokerException(
                Reason.INVALID_REQUEST, "a secret is named, and connectors.secrets-file says no file"));
        Properties secrets = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            secrets.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "connectors.secrets-file " + path + " cannot be read: " + e.getMessage(),
                    e);
        }
        return secrets;
    }
}
