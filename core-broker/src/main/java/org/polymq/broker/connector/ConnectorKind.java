/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A kind of connectors: checks their configurations and runs them. Every method may run foreign code and block; the
 * {@link ConnectorRunner} calls it on threads made for that and gives up after a while.
 */
public interface ConnectorKind extends AutoCloseable {
    /** What a connector of this kind can be, for those who write a configuration. */
    List<ConnectorPlugin> plugins();

    /** What is wrong with a configuration; empty if nothing is. Opens no connection that the check does not need. */
    List<ConfigProblem> check(String name, Map<String, String> config);

    /** The keys of a configuration whose values are secrets. */
    Set<String> hidden(Map<String, String> config);

    /**
     * Starts a connector, paused if that is its target. Where work has to be done again and again, it is done on
     * {@linkplain ConnectorContext#thread threads of its own}.
     *
     * @throws Exception when it cannot start; the message says what to do
     */
    RunningConnector start(ConnectorContext context) throws Exception;

    @Override
    void close();
}
