/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.polymq.remoting.wire.BadRequestException;

/** Settings as lines {@code name=value}: the bodies of codes 25, 26, 318 and 319. */
public final class PropertiesText {
    private PropertiesText() {}

    /**
     * Reads a body.
     *
     * @throws BadRequestException when it is no properties text
     */
    public static SortedMap<String, String> of(byte[] body) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(new String(body, StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException e) {
            throw BadRequestException.field("the body is no list of settings: " + e.getMessage());
        }
        SortedMap<String, String> settings = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return settings;
    }

    /** Writes settings in the order of their names. */
    public static byte[] encode(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(settings)
                .forEach((name, value) -> text.append(name)
                        .append('=')
                        .append(value.replace("\\", "\\\\").replace("\n", "\\n"))
                        .append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
