/* SPDX-License-Identifier: Apache-2.0 */
/** MQTT 3.1.1 and 5 over TCP and WebSocket. */
@NullMarked
package org.polymq.mqtt;

import org.jspecify.annotations.NullMarked;
