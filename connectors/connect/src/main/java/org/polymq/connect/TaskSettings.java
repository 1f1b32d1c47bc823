/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.Map;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.lend.SourceLog;

/**
 * What one task is made of.
 *
 * @param log where a source's task stores what it brings
 * @param config the connector's own keys
 * @param properties what the plugin gave for this task
 * @param tasks how many there are
 * @param classes the plugin's
 */
record TaskSettings(
        ConnectorContext context,
        SourceLog log,
        CommonConfig config,
        Map<String, String> properties,
        int number,
        int tasks,
        Plugins plugins,
        ClassLoader classes,
        PluginFigures figures) {}
