/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import io.netty.util.NetUtil;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the values of an option are.
 *
 * @param name for the table of options
 * @param allowed what to write, for messages
 * @param parse makes a value of a text; throws IllegalArgumentException
 * @param show writes a value as {@code parse} reads it
 */
record OptionType<T>(String name, String allowed, Function<String, T> parse, Function<T, String> show) {
    static final OptionType<Boolean> BOOLEAN = new OptionType<>(
            "boolean",
            "true or false",
            text -> switch (text.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException(text);
            },
            Object::toString);

    /** Any text, also none. */
    static final OptionType<String> TEXT = new OptionType<>("text", "any text", Function.identity(), value -> value);

    /** A port to listen on. */
    static final OptionType<Integer> PORT = number("port", 0, 65_535, "0 to 65535 (0 picks a free port)");

    /** A name that goes into RocketMQ's tables and into the names of topics. */
    static final OptionType<String> NAME = new OptionType<>(
            "name",
            "1 to 64 letters, digits, - or _",
            text -> check(text, text.matches("[A-Za-z0-9_-]{1,64}")),
            value -> value);

    /** An address to bind to or to tell others. */
    static final OptionType<String> HOST = new OptionType<>(
            "host",
            "an IP address or a host name",
            text -> check(text, text.matches("[A-Za-z0-9.:_%-]{1,255}")),
            value -> value);

    static final OptionType<String> OPTIONAL_HOST = new OptionType<>(
            "host",
            "an IP address, a host name or nothing",
            text -> text.isEmpty() ? "" : HOST.parse.apply(text),
            value -> value);

    /** Where something answers HTTP. */
    static final OptionType<Optional<URI>> HTTP_ADDRESS = new OptionType<>(
            "http address",
            "an http or https address, or nothing",
            text -> text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(check(URI.create(text), text.matches("https?://[^/\\s]+(/\\S*)?"))),
            value -> value.map(URI::toString).orElse(""));

    /** host:port, several separated by commas. */
    static final OptionType<List<String>> ADDRESSES = new OptionType<>(
            "addresses",
            "host:port, several separated by commas, or nothing",
            text -> Arrays.stream(text.split("[,;]"))
                    .map(String::strip)
                    .filter(address -> !address.isEmpty())
                    .map(address -> check(address, address.matches("\\[?[A-Za-z0-9.:_%-]+\\]?:\\d{1,5}")))
                    .toList(),
            value -> String.join(",", value));

    /** number@host or number@host:port, several separated by commas. */
    static final OptionType<List<String>> NODES = new OptionType<>(
            "nodes",
            "NUMBER@HOST:PORT, several separated by commas, or nothing",
            text -> list(text)
                    .map(each -> check(each, each.matches("[1-9]\\d{0,2}@[A-Za-z0-9._-]+(:\\d{1,5})?")))
                    .toList(),
            value -> String.join(",", value));

    /** Names as of {@link #NAME}, several separated by commas. */
    static final OptionType<List<String>> NAMES = new OptionType<>(
            "names",
            "names of 1 to 64 letters, digits, - or _, several separated by commas, or nothing",
            text -> list(text).map(NAME.parse).toList(),
            value -> String.join(",", value));

    /** IP addresses and networks, several separated by commas. */
    static final OptionType<List<String>> NETWORKS = new OptionType<>(
            "networks",
            "IP addresses or networks such as 10.0.0.0/8, several separated by commas, or nothing",
            text -> list(text).map(each -> check(each, isNetwork(each))).toList(),
            value -> String.join(",", value));

    /** Texts without commas. */
    static final OptionType<List<String>> TEXTS = new OptionType<>(
            "texts",
            "texts, several separated by commas, or nothing",
            text -> list(text).toList(),
            value -> String.join(",", value));

    private static Stream<String> list(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).filter(each -> !each.isEmpty());
    }

    private static boolean isNetwork(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        int bits = NetUtil.isValidIpV4Address(address) ? 32 : NetUtil.isValidIpV6Address(address) ? 128 : -1;
        if (bits < 0 || slash < 0) {
            return bits > 0;
        }
        String prefix = text.substring(slash + 1);
        return prefix.matches("\\d{1,3}") && Integer.parseInt(prefix) <= bits;
    }

    private static <T> T check(T value, boolean good) {
        if (!good) {
            throw new IllegalArgumentException(value.toString());
        }
        return value;
    }

    static OptionType<Integer> number(int from, int to) {
        return number("number", from, to, String.format(Locale.ROOT, "%,d to %,d", from, to));
    }

    private static OptionType<Integer> number(String name, int from, int to, String allowed) {
        return new OptionType<>(
                name,
                allowed,
                text -> {
                    int value = Integer.parseInt(text.replace("_", ""));
                    return check(value, value >= from && value <= to);
                },
                Object::toString);
    }

    /** A number that may be large. */
    static OptionType<Long> count(long from, long to) {
        return new OptionType<>(
                "number",
                String.format(Locale.ROOT, "%,d to %,d", from, to),
                text -> {
                    long value = Long.parseLong(text.replace("_", ""));
                    return check(value, value >= from && value <= to);
                },
                Object::toString);
    }

    static OptionType<Duration> duration(String from, String to) {
        Duration shortest = Durations.parse(from);
        Duration longest = Durations.parse(to);
        return new OptionType<>(
                "duration",
                "a duration from " + from + " to " + to + ", such as 200ms, 30s, 5m, 72h or 7d",
                text -> {
                    Duration value = Durations.parse(text);
                    return check(value, value.compareTo(shortest) >= 0 && value.compareTo(longest) <= 0);
                },
                Durations::toString);
    }

    /** Several durations with blanks between them. */
    static OptionType<List<Duration>> durations(String from, String to) {
        OptionType<Duration> each = duration(from, to);
        return new OptionType<>(
                "durations",
                "durations from " + from + " to " + to + " with blanks between them, such as 1s 30s 5m",
                text -> {
                    List<Duration> all = Arrays.stream(text.strip().split("\\s+"))
                            .map(each.parse)
                            .toList();
                    return check(all, all.size() <= 64);
                },
                all -> all.stream().map(Durations::toString).collect(Collectors.joining(" ")));
    }

    static OptionType<DataSize> size(String from, String to) {
        DataSize smallest = DataSize.parse(from);
        DataSize largest = DataSize.parse(to);
        return new OptionType<>(
                "size",
                "a size from " + from + " to " + to + ", such as 64KB, 128MB or 1GB",
                text -> {
                    DataSize value = DataSize.parse(text);
                    return check(value, value.compareTo(smallest) >= 0 && value.compareTo(largest) <= 0);
                },
                DataSize::toString);
    }

    /** One of an enum's constants, written in lower case. */
    static <E extends Enum<E>> OptionType<E> choice(Class<E> type) {
        String words = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" or "));
        return new OptionType<>(
                "choice",
                words,
                text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT)),
                value -> value.name().toLowerCase(Locale.ROOT));
    }

    static OptionType<String> words(String... words) {
        return new OptionType<>(
                "choice",
                String.join(", ", words),
                text -> check(text, Arrays.asList(words).contains(text)),
                value -> value);
    }
}
