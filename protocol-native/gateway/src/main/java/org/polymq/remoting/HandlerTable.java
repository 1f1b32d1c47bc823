/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the handler of a request code. Immutable. */
final class HandlerTable {
    private static final int DENSE = 512;

    private final @Nullable RequestHandler[] dense = new RequestHandler[DENSE];
    private final Map<Integer, RequestHandler> all;

    /** @throws IllegalStateException if the table of access rules lacks a code that is served */
    HandlerTable(Map<Integer, RequestHandler> handlers, AccessRules rules) {
        this.all = Map.copyOf(handlers);
        Set<Integer> open = new TreeSet<>(handlers.keySet());
        open.removeAll(rules.codes());
        if (!open.isEmpty()) {
            throw new IllegalStateException("request codes " + open + " have no access rule");
        }
        all.forEach((code, handler) -> {
            if (code >= 0 && code < DENSE) {
                dense[code] = handler;
            }
        });
    }

    /** The codes that are served. */
    Set<Integer> codes() {
        return all.keySet();
    }

    @Nullable
    RequestHandler find(int code) {
        return code >= 0 && code < DENSE ? dense[code] : all.get(code);
    }
}
