/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.config.LiveConfig;
import org.polymq.broker.config.LiveConfig.Entry;

/**
 * The configuration over HTTP: every key with its value and where that comes from; those that change at run time are
 * changed here. For administrators of the cluster. No value is a secret: secrets are in files, which keys name.
 */
final class ConfigRoutes {
    private final LiveConfig config;

    ConfigRoutes(LiveConfig config) {
        this.config = config;
    }

    List<Route> routes() {
        return List.of(
                Route.get("config", "config list", this::list)
                        .says("Every key of the configuration. Needs MANAGE on the cluster.")
                        .text("name", "only keys that contain this")
                        .flag("live", "only those that change at run time")
                        .lists("config", Entry.class),
                Route.get("config/{key}", "config show", this::show)
                        .says("One key. Needs MANAGE on the cluster.")
                        .gives(Entry.class),
                Route.put("config/{key}", "config change", this::change)
                        .says(
                                "Changes a key that changes at run time, also for later starts; with expected only if that"
                                        + " is its value. Needs MANAGE on the cluster.")
                        .takes(Change.class)
                        .gives(Entry.class),
                Route.delete("config/{key}", "config reset", this::reset)
                        .says("What file, environment and options say holds again. Needs MANAGE on the cluster.")
                        .gives(Entry.class));
    }

    private record Change(@Nullable String value, @Nullable String expected) {}

    private void list(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        String containing = call.query("name", "");
        boolean live = call.flag("live", false);
        reply.ok(Map.of(
                "config",
                config.entries().stream()
                        .filter(entry -> entry.key().contains(containing) && (entry.live() || !live))
                        .toList()));
    }

    private void show(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        reply.ok(existing(call.path("key")));
    }

    private void change(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Entry entry = existing(call.path("key"));
        Change change = call.body(Change.class);
        if (change.value() == null || change.value().isBlank()) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the value is missing; DELETE goes back to the file's");
        }
        if (change.expected() != null && !change.expected().equals(entry.value())) {
            throw new ConflictException(entry.key() + " is " + entry.value() + " and not " + change.expected()
                    + ": somebody else changed it meanwhile");
        }
        call.about(entry.key() + "=" + change.value());
        config.change(
                entry.key(), Optional.of(change.value().strip()), call.lane(), Call.mapped(reply, changed -> changed));
    }

    private void reset(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Entry entry = existing(call.path("key"));
        config.change(entry.key(), Optional.empty(), call.lane(), Call.mapped(reply, changed -> changed));
    }

    private Entry existing(String key) {
        return config.find(key).orElseThrow(() -> Page.unknown("key", key));
    }
}
