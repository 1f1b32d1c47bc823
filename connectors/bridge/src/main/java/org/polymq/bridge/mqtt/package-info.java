/* SPDX-License-Identifier: Apache-2.0 */
/** The remote side in MQTT 5, through HiveMQ's client. */
@NullMarked
package org.polymq.bridge.mqtt;

import org.jspecify.annotations.NullMarked;
