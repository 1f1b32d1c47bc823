/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import org.polymq.broker.connector.ConnectorKind;
import org.polymq.broker.connector.ConnectorKindProvider;
import org.polymq.broker.connector.ConnectorSettings;

/** Makes the kind of connectors that are bridges. */
public final class BridgeKindProvider implements ConnectorKindProvider {
    @Override
    public String name() {
        return BridgeKind.NAME;
    }

    @Override
    public ConnectorKind open(ConnectorSettings settings) {
        return new BridgeKind(BridgeKind.home(), settings.plugins());
    }
}
