/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.settings.RuntimeSettings;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.TopicConfig;

/**
 * The settings of the gateway that may be changed while it runs: this list and no other, each with its type. A change
 * is kept in the log and takes the place of what the configuration says. Safe from any thread.
 */
final class LiveSettings {
    private static final String AUTO_CREATE = "autoCreateTopicEnable";
    private static final String AUTO_QUEUES = "defaultTopicQueueNums";
    private static final String PERMISSION = "brokerPermission";

    private final RuntimeSettings changed;
    private final Map<String, Setting> list = new LinkedHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean autoCreateTopics;
    private volatile int maxAutoQueues;
    private volatile int permission;

    /** One setting: what it is by configuration, and what it may be. */
    private record Setting(String configured, Predicate<String> allowed, String values) {}

    LiveSettings(RuntimeSettings changed, NativeConfig config) {
        this.changed = changed;
        Pattern number = Pattern.compile("[1-9][0-9]{0,3}");
        list.put(
                AUTO_CREATE,
                new Setting(
                        Boolean.toString(config.autoCreateTopics()),
                        value -> value.equals("true") || value.equals("false"),
                        "true or false"));
        list.put(
                AUTO_QUEUES,
                new Setting(
                        Integer.toString(config.maxAutoQueues()),
                        value -> number.matcher(value).matches() && Integer.parseInt(value) <= Topic.MAX_QUEUES,
                        "1 to " + Topic.MAX_QUEUES));
        list.put(
                PERMISSION,
                new Setting(
                        Integer.toString(TopicConfig.PERM_READ_WRITE),
                        List.of("2", "4", "6")::contains,
                        "2 (write), 4 (read) or 6 (both)"));
        refresh();
    }

    /** Reads them anew: another node may have changed them. */
    void refresh() {
        autoCreateTopics = Boolean.parseBoolean(value(AUTO_CREATE));
        maxAutoQueues = Integer.parseInt(value(AUTO_QUEUES));
        permission = Integer.parseInt(value(PERMISSION));
    }

    private String value(String name) {
        Setting setting = Objects.requireNonNull(list.get(name), name);
        return changed.find(name).filter(setting.allowed()).orElse(setting.configured());
    }

    /** Whether a send to a missing topic makes it. */
    boolean autoCreateTopics() {
        return autoCreateTopics;
    }

    /** Most queues of a topic made by a send. */
    int maxAutoQueues() {
        return maxAutoQueues;
    }

    /** The broker's own permission bits: what they lack no topic has. */
    int permission() {
        return permission;
    }

    boolean readable() {
        return (permission & TopicConfig.PERM_READ) != 0;
    }

    boolean writable() {
        return (permission & TopicConfig.PERM_WRITE) != 0;
    }

    /** All settings of the list with their values. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        list.keySet().forEach(name -> values.put(name, value(name)));
        return values;
    }

    /** Called after each change, on the changing connection's event loop. */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Changes settings, all or none.
     *
     * @throws BadRequestException NO_PERMISSION for a name that is not in the list, INVALID_PARAMETER for a wrong value
     */
    void change(Map<String, String> changes, Lane lane, Reply<Map<String, String>> reply) {
        changes.forEach(this::check);
        changed.update(
                changes,
                lane,
                Reply.of(
                        all -> {
                            refresh();
                            listeners.forEach(Runnable::run);
                            reply.ok(all);
                        },
                        reply::failed));
    }

    private void check(String name, String value) {
        Setting setting = list.get(name);
        if (setting == null) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION,
                    "the setting " + name + " cannot be changed at run time; " + list.keySet() + " can");
        }
        if (!setting.allowed().test(value)) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, name + " has to be " + setting.values() + ", not " + value);
        }
    }
}
