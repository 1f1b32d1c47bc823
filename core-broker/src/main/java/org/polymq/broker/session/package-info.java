/* SPDX-License-Identifier: Apache-2.0 */
/** The durable part of MQTT sessions. */
@NullMarked
package org.polymq.broker.session;

import org.jspecify.annotations.NullMarked;
