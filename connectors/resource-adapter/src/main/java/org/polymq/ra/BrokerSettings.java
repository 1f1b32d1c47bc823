/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** The properties of each bean of the adapter that may say where the broker is, and who connects. */
public abstract class BrokerSettings implements Serializable {
    private static final long serialVersionUID = 1L;

    private @Nullable String serverUrl;
    private @Nullable String options;
    private @Nullable String user;
    private @Nullable String password;

    BrokerSettings() {}

    /** What this bean says itself. */
    final Target settings(@Nullable String clientId) {
        return new Target(serverUrl, options, clientId, new Login(user, password));
    }

    /** Where the broker is, if nothing more specific says it: {@code polymq://host:port}, with options. */
    public @Nullable String getServerUrl() {
        return serverUrl;
    }

    public void setServerUrl(@Nullable String serverUrl) {
        this.serverUrl = serverUrl;
    }

    /** Options of the URL, as {@code name=value&name=value}. */
    public @Nullable String getOptions() {
        return options;
    }

    public void setOptions(@Nullable String options) {
        this.options = options;
    }

    /** Who connects, unless the container, the application or something more specific says it. */
    public @Nullable String getUser() {
        return user;
    }

    public void setUser(@Nullable String user) {
        this.user = user;
    }

    public @Nullable String getPassword() {
        return password;
    }

    public void setPassword(@Nullable String password) {
        this.password = password;
    }
}
