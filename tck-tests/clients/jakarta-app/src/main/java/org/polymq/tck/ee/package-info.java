/* SPDX-License-Identifier: Apache-2.0 */
/** An application for Jakarta EE servers with a message-driven bean, a sender and a database. */
@NullMarked
package org.polymq.tck.ee;

import org.jspecify.annotations.NullMarked;
