/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import org.polymq.bridge.LinkState.Phase;
import org.polymq.bridge.remote.Remote;
import org.polymq.broker.connector.ConnectorCounters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one entry's link is between, in either direction.
 *
 * @param link its name, which the remote knows it by
 * @param origin this broker, in trails
 */
record Way(
        BridgeConfig config,
        Route route,
        String link,
        String origin,
        LocalLog local,
        Remote remote,
        LinkState state,
        Gate gate,
        ConnectorCounters counters) {
    private static final Logger LOG = LoggerFactory.getLogger(Way.class);

    /** It can be gone now; said once. */
    void connected() {
        if (state.is(Phase.CONNECTED, "")) {
            LOG.info("bridge {} is connected", link);
        }
    }
}
