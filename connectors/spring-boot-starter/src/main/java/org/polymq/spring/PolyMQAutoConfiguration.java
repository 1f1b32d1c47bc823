/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import jakarta.jms.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.polymq.jms.PolyMQConnectionFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * Gives an application a {@link ConnectionFactory} if it has none of its own: pooled with {@code polymq.pool.enabled},
 * else cached by Spring ({@code spring.jms.cache.*}), else as it is with {@code spring.jms.cache.enabled=false}. The
 * actuator's {@code jms} health looks at it. Spring Boot's own parts are named as versions 3 and 4 name them.
 */
@AutoConfiguration(
        beforeName = {
            "org.springframework.boot.autoconfigure.jms.JmsAutoConfiguration",
            "org.springframework.boot.actuate.autoconfigure.jms.JmsHealthContributorAutoConfiguration",
            "org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration",
            "org.springframework.boot.jms.autoconfigure.health.JmsHealthContributorAutoConfiguration"
        },
        afterName = {
            "org.springframework.boot.autoconfigure.jms.JndiConnectionFactoryAutoConfiguration",
            "org.springframework.boot.jms.autoconfigure.JndiConnectionFactoryAutoConfiguration"
        })
@ConditionalOnClass({ConnectionFactory.class, PolyMQConnectionFactory.class})
@ConditionalOnMissingBean(ConnectionFactory.class)
@EnableConfigurationProperties({PolyMQProperties.class, CacheProperties.class})
public class PolyMQAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    PolyMQConnectionDetails polymqConnectionDetails(PolyMQProperties properties) {
        return new FromProperties(properties);
    }

    /** What the properties say. */
    private record FromProperties(PolyMQProperties properties) implements PolyMQConnectionDetails {
        @Override
        public String getUrl() {
            return properties.url();
        }

        @Override
        public @Nullable String getUser() {
            return properties.user();
        }

        @Override
        public @Nullable String getPassword() {
            return properties.password();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBooleanProperty(name = "polymq.pool.enabled", havingValue = false, matchIfMissing = true)
    static class WithoutPool {

        @Bean
        @ConditionalOnBooleanProperty(name = "spring.jms.cache.enabled", havingValue = false)
        PolyMQConnectionFactory jmsConnectionFactory(PolyMQConnectionDetails details) {
            return Factories.of(details);
        }

        @Configuration(proxyBeanMethods = false)
        @ConditionalOnBooleanProperty(name = "spring.jms.cache.enabled", matchIfMissing = true)
        static class WithCache {

            @Bean
            CachingConnectionFactory jmsConnectionFactory(PolyMQConnectionDetails details, CacheProperties settings) {
                CachingConnectionFactory cache = new Factories.Caching(Factories.of(details));
                cache.setCacheConsumers(settings.consumers());
                cache.setCacheProducers(settings.producers());
                cache.setSessionCacheSize(settings.sessionCacheSize());
                return cache;
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JmsPoolConnectionFactory.class)
    @ConditionalOnBooleanProperty("polymq.pool.enabled")
    static class WithPool {

        @Bean(destroyMethod = "stop")
        JmsPoolConnectionFactory jmsConnectionFactory(PolyMQConnectionDetails details, PolyMQProperties properties) {
            PolyMQProperties.Pool settings = properties.pool();
            JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
            pool.setConnectionFactory(Factories.of(details));
            pool.setMaxConnections(settings.maxConnections());
            pool.setMaxSessionsPerConnection(settings.maxSessionsPerConnection());
            pool.setConnectionIdleTimeout(Math.toIntExact(settings.idleTimeout().toMillis()));
            pool.setBlockIfSessionPoolIsFull(settings.blockIfFull());
            pool.setBlockIfSessionPoolIsFullTimeout(
                    settings.blockIfFullTimeout().toMillis());
            pool.setConnectionCheckInterval(
                    settings.timeBetweenExpirationCheck().toMillis());
            pool.setUseAnonymousProducers(settings.useAnonymousProducers());
            return pool;
        }
    }
}
