/* SPDX-License-Identifier: Apache-2.0 */
/** The broker core: what a message, a topic and a subscription are, whatever the protocol. */
@NullMarked
package org.polymq.broker;

import org.jspecify.annotations.NullMarked;
