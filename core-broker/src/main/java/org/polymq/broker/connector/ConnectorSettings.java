/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How connectors are run.
 *
 * @param plugins the directory with the plugins that administrators installed
 * @param secrets a properties file whose values take the place of {@code ${secret:KEY}} in configurations
 * @param patience how long foreign code may take to check, start or stop
 * @param most how many connectors there may be
 */
public record ConnectorSettings(Path plugins, Optional<Path> secrets, Duration patience, int most) {}
