/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code spring.jms.cache.*} of an application, which Spring Boot reads into a type of another package
 * in versions 3 and 4.
 *
 * @param consumers whether message consumers are cached
 * @param producers whether message producers are cached
 * @param sessionCacheSize the most sessions that are cached for each acknowledge mode
 */
@ConfigurationProperties("spring.jms.cache")
record CacheProperties(
        @DefaultValue("false") boolean consumers,
        @DefaultValue("true") boolean producers,
        @DefaultValue("1") int sessionCacheSize) {}
