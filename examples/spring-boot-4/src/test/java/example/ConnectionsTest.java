/* SPDX-License-Identifier: Apache-2.0 */
package example;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.ConnectionFactory;
import org.junit.jupiter.api.Test;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.polymq.jms.PolyMQConnectionFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.core.JmsClient;

/** Which connection factory an application of Spring Boot 4 gets. Nothing connects. */
class ConnectionsTest {
    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withUserConfiguration(Everything.class);

    @Test
    void areAsTheyAreWithoutACache() {
        application.withPropertyValues("spring.jms.cache.enabled=false").run(context -> assertThat(context)
                .hasSingleBean(JmsClient.class)
                .getBean(ConnectionFactory.class)
                .isInstanceOf(PolyMQConnectionFactory.class));
    }

    @Test
    void comeFromAPoolIfOneIsAskedFor() {
        application
                .withPropertyValues("polymq.pool.enabled=true", "polymq.pool.max-connections=3")
                .run(context -> {
                    assertThat(context).hasSingleBean(ConnectionFactory.class);
                    assertThat(context.getBean(JmsPoolConnectionFactory.class).getMaxConnections())
                            .isEqualTo(3);
                });
    }

    @Test
    void areTheApplicationsOwnIfItHasThem() {
        application
                .withUserConfiguration(OwnFactory.class)
                .run(context ->
                        assertThat(context).getBean(ConnectionFactory.class).isSameAs(context.getBean("own")));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Everything {}

    @Configuration(proxyBeanMethods = false)
    static class OwnFactory {
        @Bean
        ConnectionFactory own() {
            return new PolyMQConnectionFactory();
        }
    }
}
