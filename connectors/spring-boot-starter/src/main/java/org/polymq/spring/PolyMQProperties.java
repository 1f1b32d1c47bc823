/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code polymq.*} of an application.
 *
 * @param url where the broker is, with options: {@code polymq://host:port?option=value}; several hosts mean failover
 * @param user who logs in; none: the user in the URL, or nobody
 * @param password that user's password
 * @param pool a pool of connections; it needs {@code org.messaginghub:pooled-jms}
 */
@ConfigurationProperties("polymq")
record PolyMQProperties(
        @DefaultValue("polymq://127.0.0.1:10911") String url,
        @Nullable String user,
        @Nullable String password,
        @DefaultValue Pool pool) {

    /**
     * The properties {@code polymq.pool.*}. Spring Boot has such a type too, in other packages in versions 3 and 4.
     *
     * @param enabled whether connections are pooled instead of cached by Spring
     * @param maxConnections the most connections
     * @param maxSessionsPerConnection the most sessions of each connection
     * @param idleTimeout how long an unused connection stays
     * @param blockIfFull whether asking a full pool waits instead of failing
     * @param blockIfFullTimeout how long asking a full pool waits at most; negative: for ever
     * @param timeBetweenExpirationCheck how often idle connections are looked for; negative: never
     * @param useAnonymousProducers whether sessions share one producer for all destinations
     */
    record Pool(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("1") int maxConnections,
            @DefaultValue("500") int maxSessionsPerConnection,
            @DefaultValue("30s") Duration idleTimeout,
            @DefaultValue("true") boolean blockIfFull,
            @DefaultValue("-1ms") Duration blockIfFullTimeout,
            @DefaultValue("-1ms") Duration timeBetweenExpirationCheck,
            @DefaultValue("true") boolean useAnonymousProducers) {}
}
