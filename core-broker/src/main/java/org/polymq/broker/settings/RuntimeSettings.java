/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.settings;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;

/**
 * Settings that were changed at run time: each takes the place of the one in the configuration, also after a restart.
 * What names and values are allowed is the caller's list. Safe from any thread.
 */
public final class RuntimeSettings {
    private final SettingsView view;
    private final Committer committer;

    public RuntimeSettings(SettingsView view, Committer committer) {
        this.view = view;
        this.committer = committer;
    }

    /** The value given at run time; empty if the configuration's holds. */
    public Optional<String> find(String name) {
        return Optional.ofNullable(view.values().get(name));
    }

    /** All that were ever changed, by name. */
    public Map<String, String> all() {
        return view.values();
    }

    /** Changes settings, all or none; answers all that were ever changed. */
    public void update(Map<String, String> changes, Lane lane, Reply<Map<String, String>> reply) {
        committer.control(List.of(SettingsView.record(changes)), lane, reply, results -> texts(results[0]));
    }

    @SuppressWarnings("unchecked") // the answer of SettingsView.apply
    private static Map<String, String> texts(Object result) {
        return (Map<String, String>) result;
    }
}
