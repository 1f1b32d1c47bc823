/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

/** A configuration that cannot be used. The message says where, what, and what is allowed: show it as it is. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
