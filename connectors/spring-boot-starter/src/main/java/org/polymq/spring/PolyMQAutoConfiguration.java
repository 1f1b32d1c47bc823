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
import org.springframework.boot.autoconfigure.jms.JmsAutoConfiguration;
import org.springframework.boot.autoconfigure.jms.JmsPoolConnectionFactoryFactory;
import org.springframework.boot.autoconfigure.jms.JmsProperties;
import org.springframework.boot.autoconfigure.jms.JndiConnectionFactoryAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * Gives an application a {@link ConnectionFactory} if it has none of its own: pooled with {@code polymq.pool.enabled},
 * else cached by Spring ({@code spring.jms.cache.*}), else as it is with {@code spring.jms.cache.enabled=false}. The
 * actuator's {@code jms} health looks at it.
 */
@AutoConfiguration(
        before = JmsAutoConfiguration.class,
        beforeName = "org.springframework.boot.actuate.autoconfigure.jms.JmsHealthContributorAutoConfiguration",
        after = JndiConnectionFactoryAutoConfiguration.class)
@ConditionalOnClass({ConnectionFactory.class, PolyMQConnectionFactory.class})
@ConditionalOnMissingBean(ConnectionFactory.class)
@EnableConfigurationProperties({PolyMQProperties.class, JmsProperties.class})
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
            return properties.getUrl();
        }

        @Override
        public @Nullable String getUser() {
            return properties.getUser();
        }

        @Override
        public @Nullable String getPassword() {
            return properties.getPassword();
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
            CachingConnectionFactory jmsConnectionFactory(PolyMQConnectionDetails details, JmsProperties jms) {
                CachingConnectionFactory cache = new Factories.Caching(Factories.of(details));
                JmsProperties.Cache settings = jms.getCache();
                cache.setCacheConsumers(settings.isConsumers());
                cache.setCacheProducers(settings.isProducers());
                cache.setSessionCacheSize(settings.getSessionCacheSize());
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
            return new JmsPoolConnectionFactoryFactory(properties.getPool())
                    .createPooledConnectionFactory(Factories.of(details));
        }
    }
}
