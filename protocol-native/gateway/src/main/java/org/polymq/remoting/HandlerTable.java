/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the handler of a request code. Immutable. */
final class HandlerTable {
    private static final int DENSE = 512;

    private final @Nullable RequestHandler[] dense = new RequestHandler[DENSE];
    private final Map<Integer, RequestHandler> all;

    HandlerTable(Map<Integer, RequestHandler> handlers) {
        this.all = Map.copyOf(handlers);
        all.forEach((code, handler) -> {
            if (code >= 0 && code < DENSE) {
                dense[code] = handler;
            }
        });
    }

    @Nullable
    RequestHandler find(int code) {
        return code >= 0 && code < DENSE ? dense[code] : all.get(code);
    }
}
