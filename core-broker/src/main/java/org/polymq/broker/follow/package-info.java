/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What happens to messages, told to those who follow it: spans of a distributed trace. Costs one read while nobody
 * does.
 */
@NullMarked
package org.polymq.broker.follow;

import org.jspecify.annotations.NullMarked;
