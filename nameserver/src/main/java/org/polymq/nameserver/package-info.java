/* SPDX-License-Identifier: Apache-2.0 */
/** Topic routes and broker liveness in the RocketMQ name server protocol. */
@NullMarked
package org.polymq.nameserver;

import org.jspecify.annotations.NullMarked;
