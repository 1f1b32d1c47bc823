/* SPDX-License-Identifier: Apache-2.0 */
/** Retained messages: the newest message of a topic name that asked to be kept. */
@NullMarked
package org.polymq.broker.retained;

import org.jspecify.annotations.NullMarked;
