/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The configuration: one YAML file, environment variables and {@code --set}, made into one record per component.
 *
 * <p>{@link org.polymq.broker.config.Options} is the only list of keys; documentation and checks come from it.
 */
@NullMarked
package org.polymq.broker.config;

import org.jspecify.annotations.NullMarked;
