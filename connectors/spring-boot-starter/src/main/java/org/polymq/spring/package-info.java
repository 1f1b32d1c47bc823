/* SPDX-License-Identifier: Apache-2.0 */
/**
 * PolyMQ in a Spring Boot application: a JMS {@link jakarta.jms.ConnectionFactory} for {@code JmsTemplate},
 * {@code JmsClient} and {@code @JmsListener}, from the properties {@code polymq.*}.
 */
@NullMarked
package org.polymq.spring;

import org.jspecify.annotations.NullMarked;
