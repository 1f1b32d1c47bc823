/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.polymq.broker.Awaited;
import org.polymq.broker.Lane;
import org.polymq.broker.settings.RuntimeSettings;

/** What a broker, or a group of nodes with one log, is called in trails: made by chance once, and kept in the log. */
final class BrokerOrigin {
    private static final String SETTING = "bridge.origin";

    private BrokerOrigin() {}

    static String of(RuntimeSettings settings, Lane lane) throws InterruptedException {
        Optional<String> known = settings.find(SETTING);
        if (known.isPresent()) {
            return known.get();
        }
        String made = String.format("%08x", ThreadLocalRandom.current().nextInt());
        Awaited.<Map<String, String>>get(reply -> settings.update(Map.of(SETTING, made), lane, reply));
        return settings.find(SETTING).orElse(made);
    }
}
