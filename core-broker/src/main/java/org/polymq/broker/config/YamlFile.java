/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads a YAML file into keys and texts. {@code native: {port: 1}}, {@code native.port: 1} and any mixture are the
 * same; a list of texts is one text with commas.
 */
final class YamlFile {
    /**
     * A text and where it stands.
     *
     * @param line from 1
     */
    record Value(String text, int line) {}

    private final Path file;
    private final Map<String, Value> values = new LinkedHashMap<>();

    private YamlFile(Path file) {
        this.file = file;
    }

    /** All keys with their values, in the file's order; an empty file has none. */
    static Map<String, Value> read(Path file) {
        YamlFile yaml = new YamlFile(file);
        try (Reader reader = Files.newBufferedReader(file);
                YAMLParser parser = new YAMLFactory().createParser(reader)) {
            yaml.document(parser);
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no configuration file " + file, e);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new ConfigException(
                    file + ":" + (at == null ? 1 : at.getLineNr()) + ": no YAML: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ConfigException("cannot read the configuration file " + file + ": " + e.getMessage(), e);
        }
        return yaml.values;
    }

    private void document(YAMLParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null || token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.START_OBJECT) {
            throw at(parser, "expected \"key: value\"");
        }
        object(parser, "");
        if (parser.nextToken() != null) {
            throw at(parser, "a second document");
        }
    }

    private void object(YAMLParser parser, String prefix) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = prefix + parser.currentName();
            int line = line(parser);
            JsonToken token = parser.nextToken();
            if (parser.isCurrentAlias()) {
                throw at(parser, "an alias: write the value of \"" + key + "\" itself");
            }
            switch (token) {
                case START_OBJECT -> object(parser, key + ".");
                case START_ARRAY -> put(key, list(parser, key), line);
                case VALUE_NULL -> put(key, "", line);
                default -> put(key, parser.getText().strip(), line);
            }
        }
    }

    private String list(YAMLParser parser, String key) throws IOException {
        StringBuilder text = new StringBuilder();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (!token.isScalarValue()) {
                throw at(parser, "the list of \"" + key + "\" holds more than texts");
            }
            text.append(text.isEmpty() ? "" : ",").append(parser.getText().strip());
        }
        return text.toString();
    }

    private void put(String key, String text, int line) {
        Value before = values.putIfAbsent(key, new Value(text, line));
        if (before != null) {
            throw new ConfigException(
                    file + ":" + line + ": key \"" + key + "\" is set twice, first in line " + before.line());
        }
    }

    private ConfigException at(JsonParser parser, String problem) {
        return new ConfigException(file + ":" + line(parser) + ": " + problem);
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }
}
