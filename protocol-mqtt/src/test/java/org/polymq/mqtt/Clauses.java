/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The normative statements that a test proves, their numbers without {@code MQTT-}, with blanks between them. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Clauses {
    /** Of MQTT 5.0. */
    String v5() default "";

    /** Of MQTT 3.1.1. */
    String v3() default "";
}
