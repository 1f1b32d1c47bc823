/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import org.polymq.broker.connector.ConnectorCounters.Counts;

/**
 * All that is known of a connector: in the group that defines it of all groups, if it is spread.
 *
 * @param lag messages that wait in the log for it
 */
public record ConnectorView(Connector connector, ConnectorStatus status, Counts counts, long lag) {}
