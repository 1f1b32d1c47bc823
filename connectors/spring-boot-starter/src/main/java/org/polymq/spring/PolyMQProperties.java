/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.jms.JmsPoolConnectionFactoryProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** The properties {@code polymq.*} of an application. */
@ConfigurationProperties("polymq")
public class PolyMQProperties {
    private String url = "polymq://127.0.0.1:10911";
    private @Nullable String user;
    private @Nullable String password;

    @NestedConfigurationProperty
    private final JmsPoolConnectionFactoryProperties pool = new JmsPoolConnectionFactoryProperties();

    /** Where the broker is, with options: {@code polymq://host:port?option=value}; several hosts mean failover. */
    public String getUrl() {
        return url;
    }

    public void setUrl(String url) {
        this.url = url;
    }

    /** Who logs in; none: the user in the URL, or nobody. */
    public @Nullable String getUser() {
        return user;
    }

    public void setUser(@Nullable String user) {
        this.user = user;
    }

    /** That user's password. */
    public @Nullable String getPassword() {
        return password;
    }

    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    /** A pool of connections ({@code polymq.pool.enabled}); it needs {@code org.messaginghub:pooled-jms}. */
    public JmsPoolConnectionFactoryProperties getPool() {
        return pool;
    }
}
