/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The value of every option, from the default, the file, the environment and {@code --set}; the later wins. Each source
 * is checked whole: a bad value is an error even where a later source overrides it.
 */
final class Values {
    /**
     * A text and where it comes from.
     *
     * @param source for messages
     */
    private record Given(String source, String text) {}

    /** The source of a value that nobody gave. */
    static final String DEFAULT = "default";

    private final Map<String, Given> given = new HashMap<>();

    /**
     * @param file the YAML file, or null for none
     * @param environment names and values; those that are no option's are ignored
     * @param sets {@code key=value} each
     */
    Values(@Nullable Path file, Map<String, String> environment, List<String> sets) {
        if (file != null) {
            YamlFile.read(file)
                    .forEach((key, value) -> give(
                            file + ":" + value.line() + ": ", key, new Given(file + ":" + value.line(), value.text())));
        }
        for (Option<?> option : Options.all()) {
            String value = environment.get(option.variable());
            if (value != null) {
                give("", option.key(), new Given("environment variable " + option.variable(), value.strip()));
            }
        }
        for (String set : sets) {
            int equals = set.indexOf('=');
            if (equals < 0) {
                throw new ConfigException("--set " + set + ": expected key=value");
            }
            String key = set.substring(0, equals).strip();
            give(
                    "--set " + set + ": ",
                    key,
                    new Given("--set " + set, set.substring(equals + 1).strip()));
        }
    }

    private void give(String where, String key, Given value) {
        Option<?> option = Options.find(key);
        if (option == null) {
            throw new ConfigException(where + Options.unknown(key));
        }
        parse(option, value);
        given.put(key, value);
    }

    /** The option's value. */
    <T> T get(Option<T> option) {
        return parse(option, given.getOrDefault(option.key(), new Given(DEFAULT, option.defaultText())));
    }

    /** Where the option's value comes from, for messages: a file and line, a variable, --set or the default. */
    String source(Option<?> option) {
        Given value = given.get(option.key());
        return value == null ? DEFAULT : value.source();
    }

    private static <T> T parse(Option<T> option, Given value) {
        try {
            return option.type().parse().apply(value.text());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ConfigException(
                    value.source() + ": " + option.key() + " is \"" + value.text() + "\"; allowed: "
                            + option.type().allowed(),
                    e);
        }
    }
}
