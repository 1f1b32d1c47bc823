/* SPDX-License-Identifier: Apache-2.0 */
/** Topics: named first levels with a kind and a number of queues. */
@NullMarked
package org.polymq.broker.topic;

import org.jspecify.annotations.NullMarked;
