/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.BridgeConfig.Entry;
import org.polymq.bridge.BridgeConfig.Protocol;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.bridge.remote.RemoteTls;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.config.DataSize;
import org.polymq.broker.config.Durations;

/** Reads a bridge's definition. What is wrong in it is refused with INVALID_REQUEST, and words for a person. */
final class BridgeOptions {
    private static final int MOST_LINKS = 64;

    private final String name;
    private final Map<String, String> given;
    /** What was not asked for yet: unknown in the end. */
    private final Map<String, String> unread;

    private BridgeOptions(String name, Map<String, String> given) {
        this.name = name;
        this.given = given;
        this.unread = new HashMap<>(given);
        // Those of every connector.
        unread.keySet().removeIf(key -> key.startsWith("restart."));
    }

    /**
     * The bridge of a definition.
     *
     * @throws BrokerException INVALID_REQUEST or INVALID_NAME
     */
    static BridgeConfig read(String name, Map<String, String> options) {
        return new BridgeOptions(name, options).read();
    }

    private BridgeConfig read() {
        Protocol protocol = choice("protocol", Protocol.values(), Protocol::word, null);
        String localPrefix = text("local-prefix", "");
        String remotePrefix = text("remote-prefix", "");
        List<Entry> out = entries("out", localPrefix, remotePrefix);
        List<Entry> in = entries("in", remotePrefix, localPrefix);
        if (out.isEmpty() && in.isEmpty()) {
            throw invalid("a bridge needs topics: out, in or both");
        }
        if (out.size() + in.size() > MOST_LINKS) {
            throw invalid("a bridge has at most " + MOST_LINKS + " topics; make several, or use a filter");
        }
        checkFilters(protocol, in);
        if (given.getOrDefault("mqtt.version", "5").equals("3.1.1")) {
            checkApart(out, in);
        }
        int batch = (int) number("batch", 256, 1, 65_535);
        int maxMessageSize = (int) size("max-message-size", "4MB", 1, 64 << 20);
        RemoteSettings remote = remote(protocol, batch, maxMessageSize);
        Duration leastWait = duration("reconnect.min", "500ms");
        Duration mostWait = duration("reconnect.max", "30s");
        if (leastWait.compareTo(mostWait) > 0) {
            throw invalid("reconnect.min is longer than reconnect.max");
        }
        BridgeConfig config = new BridgeConfig(
                name,
                protocol,
                remote,
                plugin(protocol),
                out,
                in,
                localId(),
                hop("remote-id", text("remote-id", name)),
                batch,
                size("batch-bytes", "1MB", 1, 64 << 20),
                leastWait,
                mostWait,
                choice("refused", RefusalPolicy.values(), RefusalPolicy::word, RefusalPolicy.DEAD_LETTER),
                maxMessageSize,
                (int) number("max-hops", 16, 1, 100),
                number("alarm-backlog", 100_000, 1, Long.MAX_VALUE));
        if (!unread.isEmpty()) {
            throw invalid("a " + protocol.word() + " bridge has no option "
                    + unread.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        return config;
    }

    private RemoteSettings remote(Protocol protocol, int window, int maxMessageSize) {
        String own = protocol.word() + ".";
        Map<String, String> options = new HashMap<>();
        List.copyOf(unread.keySet()).stream()
                .filter(key -> key.startsWith(own))
                .forEach(key -> options.put(key.substring(own.length()), text(key, "")));
        boolean urlNeeded = protocol != Protocol.JMS;
        return new RemoteSettings(
                name,
                text("url", urlNeeded ? null : ""),
                optional("user"),
                optional("password"),
                new RemoteTls(bool("tls"), optional("tls.authority"), optional("tls.certificate"), optional("tls.key")),
                (int) number("qos", 1, 0, 2),
                window,
                maxMessageSize,
                options);
    }

    /** A name, not a path: what is loaded lies in the one directory that the server's configuration names. */
    private String plugin(Protocol protocol) {
        String plugin = text("plugin", protocol == Protocol.JMS ? null : "");
        if (!plugin.matches("[A-Za-z0-9_-]{0,64}")) {
            throw invalid("plugin is the name of a directory: letters, digits, - and _, not '" + plugin + "'");
        }
        return plugin;
    }

    private static void checkFilters(Protocol protocol, List<Entry> in) {
        for (Entry entry : in) {
            if (protocol != Protocol.MQTT && entry.route().hasWildcards()) {
                throw invalid("'" + entry.text() + "': a " + protocol.word()
                        + " broker is asked for single topics; only MQTT has filters");
            }
        }
    }

    /** MQTT 3.1.1 carries no trail: what the bridge sends must not be among what it asks for. */
    private static void checkApart(List<Entry> out, List<Entry> in) {
        for (Entry sent : out) {
            for (Entry received : in) {
                if (sent.route().meets(received.route())) {
                    throw invalid("with mqtt.version=3.1.1 a bridge cannot tell its own messages: '" + sent.text()
                            + "' of out goes where '" + received.text() + "' of in comes from; rename one");
                }
            }
        }
    }

    private List<Entry> entries(String key, String takenPrefix, String givenPrefix) {
        List<Entry> entries = new ArrayList<>();
        for (String each : text(key, "").split("[,\n]", -1)) {
            String entry = each.strip();
            if (!entry.isEmpty()) {
                if (entries.stream().anyMatch(other -> other.text().equals(entry))) {
                    throw invalid("'" + entry + "' is there twice in " + key);
                }
                entries.add(new Entry(entry, Route.parse(entry, takenPrefix, givenPrefix)));
            }
        }
        return entries;
    }

    private String localId() {
        String id = text("local-id", "");
        if (id.isEmpty()) {
            return id;
        }
        if (id.equals(given.getOrDefault("remote-id", id))) {
            throw invalid("local-id needs remote-id, the other broker's own and different local-id");
        }
        return hop("local-id", id);
    }

    private static String hop(String key, String id) {
        if (!id.matches("[^ /]{1,128}")) {
            throw invalid(key + " '" + id + "' is empty, too long, or holds a space or /");
        }
        return id;
    }

    /** @param standard null if it has to be given */
    private String text(String key, @Nullable String standard) {
        unread.remove(key);
        String value = given.getOrDefault(key, standard);
        if (value == null) {
            throw invalid("a bridge needs the option " + key);
        }
        return value;
    }

    private @Nullable String optional(String key) {
        unread.remove(key);
        return given.get(key);
    }

    private boolean bool(String key) {
        String value = text(key, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw invalid(key + " is true or false, not '" + value + "'");
        }
        return value.equals("true");
    }

    private long number(String key, long standard, long least, long most) {
        String value = text(key, Long.toString(standard));
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, key + " is a number, not '" + value + "'", e);
        }
        throw invalid(key + " is " + value + ", which is not from " + least + " to " + most);
    }

    private long size(String key, String standard, long least, long most) {
        String value = text(key, standard);
        long bytes = parsed(key, value, DataSize::parse).bytes();
        if (bytes < least || bytes > most) {
            throw invalid(key + " is " + value + ", which is not from " + least + " to " + most + " bytes");
        }
        return bytes;
    }

    private Duration duration(String key, String standard) {
        String value = text(key, standard);
        Duration duration = parsed(key, value, Durations::parse);
        if (duration.isNegative() || duration.isZero()) {
            throw invalid(key + " is " + value + ": it must be longer than nothing");
        }
        return duration;
    }

    private static <T> T parsed(String key, String value, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, key + ": " + e.getMessage(), e);
        }
    }

    private <E> E choice(String key, E[] all, Function<E, String> word, @Nullable E standard) {
        String value = text(key, standard == null ? null : word.apply(standard));
        for (E each : all) {
            if (word.apply(each).equals(value)) {
                return each;
            }
        }
        throw invalid(key + " is one of " + Arrays.stream(all).map(word).collect(Collectors.joining(", ")) + ", not '"
                + value + "'");
    }

    private static BrokerException invalid(String what) {
        return new BrokerException(Reason.INVALID_REQUEST, what);
    }
}
