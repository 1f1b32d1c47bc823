/* SPDX-License-Identifier: Apache-2.0 */
/** Request handlers for RocketMQ clients. */
@NullMarked
package org.polymq.remoting;

import org.jspecify.annotations.NullMarked;
