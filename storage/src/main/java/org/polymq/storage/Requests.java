/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells requests their outcome. What a callback throws concerns its request only. */
final class Requests {
    private static final Logger LOG = LoggerFactory.getLogger(Requests.class);

    private Requests() {}

    static void complete(AppendRequest request) {
        try {
            request.completed();
        } catch (RuntimeException e) {
            LOG.error("A stored request could not be answered", e);
        }
    }

    static void fail(AppendRequest request, StorageException cause) {
        try {
            request.failed(cause);
        } catch (RuntimeException e) {
            LOG.error("A refused request could not be answered", e);
        }
    }
}
