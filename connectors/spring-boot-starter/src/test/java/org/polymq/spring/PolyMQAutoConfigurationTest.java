/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.ConnectionFactory;
import org.junit.jupiter.api.Test;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.polymq.jms.PolyMQConnectionFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jms.JmsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.core.JmsTemplate;

/** Which beans an application gets. Nothing connects. */
class PolyMQAutoConfigurationTest {
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PolyMQAutoConfiguration.class, JmsAutoConfiguration.class));

    @Test
    void givesACachedFactoryAndWhatSpringBuildsOnIt() {
        application.withPropertyValues("spring.jms.cache.session-cache-size=7").run(context -> {
            assertThat(context).hasSingleBean(ConnectionFactory.class).hasSingleBean(JmsTemplate.class);
            CachingConnectionFactory cache = context.getBean(CachingConnectionFactory.class);
            assertThat(cache.getSessionCacheSize()).isEqualTo(7);
            assertThat(cache.getTargetConnectionFactory()).isInstanceOf(PolyMQConnectionFactory.class);
        });
    }

    @Test
    void givesTheFactoryItselfWithoutACache() {
        application
                .withPropertyValues("spring.jms.cache.enabled=false")
                .run(context -> assertThat(context.getBean(ConnectionFactory.class))
                        .isInstanceOf(PolyMQConnectionFactory.class));
    }

    @Test
    void givesAPoolWhereOneIsAskedFor() {
        application
                .withPropertyValues("polymq.pool.enabled=true", "polymq.pool.max-connections=3")
                .run(context -> {
                    assertThat(context).hasSingleBean(ConnectionFactory.class);
                    assertThat(context.getBean(JmsPoolConnectionFactory.class).getMaxConnections())
                            .isEqualTo(3);
                });
    }

    @Test
    void needsNoPoolOnTheClassPath() {
        application
                .withClassLoader(new FilteredClassLoader("org.messaginghub"))
                .run(context -> assertThat(context).hasSingleBean(CachingConnectionFactory.class));
    }

    @Test
    void leavesAnApplicationsOwnFactoryAlone() {
        application
                .withUserConfiguration(OwnFactory.class)
                .run(context ->
                        assertThat(context).getBean(ConnectionFactory.class).isSameAs(context.getBean("own")));
    }

    @Test
    void refusesAUrlThatIsNoneWhenItStarts() {
        application
                .withPropertyValues("polymq.url=tcp://broker")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("polymq://"));
    }

    @Test
    void refusesAnOptionThatDoesNotExist() {
        application
                .withPropertyValues("polymq.url=polymq://127.0.0.1?prefech=1")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("prefech"));
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnFactory {
        @Bean
        ConnectionFactory own() {
            return new PolyMQConnectionFactory();
        }
    }
}
