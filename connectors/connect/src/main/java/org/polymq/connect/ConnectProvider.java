/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import org.polymq.broker.connector.ConnectorKind;
import org.polymq.broker.connector.ConnectorKindProvider;
import org.polymq.broker.connector.ConnectorSettings;

/** Makes the kind {@code connect}. */
public final class ConnectProvider implements ConnectorKindProvider {
    static final String KIND = "connect";

    @Override
    public String name() {
        return KIND;
    }

    @Override
    public ConnectorKind open(ConnectorSettings settings) {
        return new ConnectKind(new Plugins(settings.plugins()));
    }
}
