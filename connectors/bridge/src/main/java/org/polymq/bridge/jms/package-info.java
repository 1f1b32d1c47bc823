/* SPDX-License-Identifier: Apache-2.0 */
/** The remote side in Jakarta Messaging, through a provider that the operator supplies. */
@NullMarked
package org.polymq.bridge.jms;

import org.jspecify.annotations.NullMarked;
