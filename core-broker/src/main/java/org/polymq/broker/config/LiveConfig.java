/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.settings.RuntimeSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration while the server runs: what it began with, and the keys that an administrator changed since, which
 * the log keeps. A key changes at run time if a part of the server said that it takes it. Safe from any thread.
 */
public final class LiveConfig {
    private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);
    private static final String PREFIX = "config:";
    /** Where a value comes from that was changed at run time. */
    public static final String CHANGED = "changed at run time";

    private final ServerConfig configured;
    private final RuntimeSettings changed;
    private final List<Part> parts = new CopyOnWriteArrayList<>();

    private record Part(Set<String> keys, Consumer<ServerConfig> take) {}

    /**
     * One key.
     *
     * @param value as one would write it
     * @param source where the value comes from: {@code default}, a file and line, a variable, {@code --set}, or
     *     {@link #CHANGED}
     * @param standard the default
     * @param allowed what may be written
     * @param meaning one or two sentences
     * @param live whether it changes at run time; otherwise at the next start
     */
    public record Entry(
            String key, String value, String source, String standard, String allowed, String meaning, boolean live) {}

    public LiveConfig(ServerConfig configured, RuntimeSettings changed) {
        this.configured = configured;
        this.changed = changed;
    }

    /**
     * A part of the server takes these keys while it runs. It is told at once if they were changed before this start.
     *
     * @param take gets the whole configuration as it is now; on any thread, must not block
     */
    public void takenBy(Set<String> keys, Consumer<ServerConfig> take) {
        Part part = new Part(Set.copyOf(keys), take);
        parts.add(part);
        if (changes().keySet().stream().anyMatch(keys::contains)) {
            take.accept(now());
        }
    }

    /** Every key as it is now, in the order of the documentation. */
    public List<Entry> entries() {
        Map<String, String> changes = changes();
        Map<String, String> values = now().shown();
        List<Entry> entries = new ArrayList<>();
        for (Option<?> option : Options.all()) {
            entries.add(entry(option, values, changes.containsKey(option.key())));
        }
        return entries;
    }

    /** One key as it is now. */
    public Optional<Entry> find(String key) {
        return entries().stream().filter(entry -> entry.key().equals(key)).findFirst();
    }

    /**
     * Changes one key, also for later starts; the parts that take it have it when the reply comes.
     *
     * @param value as one would write it; empty: what the configuration says holds again
     * @throws BrokerException INVALID_REQUEST if there is no such key, it does not change at run time, or the value is
     *     not allowed
     */
    public void change(String key, Optional<String> value, Lane lane, Reply<Entry> reply) {
        Option<?> option = Options.find(key);
        if (option == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, Options.unknown(key));
        }
        if (!isLive(key)) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    key + " changes at the next start only: set it in the configuration file, by " + option.variable()
                            + " or with --set");
        }
        value.ifPresent(text -> check(option, text));
        changed.update(
                Map.of(PREFIX + key, value.orElse("")),
                lane,
                Reply.of(
                        all -> {
                            LOG.info("{} is {} now", key, now().shown().get(key));
                            tell(key);
                            reply.ok(entry(option, now().shown(), value.isPresent()));
                        },
                        reply::failed));
    }

    private void check(Option<?> option, String text) {
        try {
            Objects.requireNonNull(option.type().parse().apply(text), text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    option.key() + " is \"" + text + "\"; allowed: "
                            + option.type().allowed(),
                    e);
        }
        try {
            configured.with(Map.of(option.key(), text));
        } catch (ConfigException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    private void tell(String key) {
        ServerConfig now = now();
        for (Part part : parts) {
            if (part.keys().contains(key)) {
                part.take().accept(now);
            }
        }
    }

    private boolean isLive(String key) {
        return parts.stream().anyMatch(part -> part.keys().contains(key));
    }

    private Entry entry(Option<?> option, Map<String, String> values, boolean isChanged) {
        String key = option.key();
        return new Entry(
                key,
                values.getOrDefault(key, ""),
                isChanged ? CHANGED : configured.sources().getOrDefault(key, ""),
                option.defaultText(),
                option.type().allowed(),
                option.meaning(),
                isLive(key));
    }

    /** The configuration with all changes. One that this version does not understand is left out. */
    private ServerConfig now() {
        Map<String, String> changes = changes();
        if (changes.isEmpty()) {
            return configured;
        }
        try {
            return configured.with(changes);
        } catch (ConfigException e) {
            LOG.warn("the settings changed at run time do not fit this version: {}", e.getMessage());
            return configured;
        }
    }

    private Map<String, String> changes() {
        Map<String, String> changes = new TreeMap<>();
        changed.all().forEach((name, value) -> {
            String key = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : "";
            if (!key.isEmpty() && !value.isEmpty() && Options.find(key) != null) {
                changes.put(key, value);
            }
        });
        return changes;
    }

    /** The keys that change at run time. */
    public Set<String> liveKeys() {
        Set<String> keys = new TreeSet<>();
        parts.forEach(part -> keys.addAll(part.keys()));
        return keys;
    }
}
