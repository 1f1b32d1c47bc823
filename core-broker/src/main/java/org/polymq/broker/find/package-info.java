/* SPDX-License-Identifier: Apache-2.0 */
/** Finds stored messages by key, id and time. */
@NullMarked
package org.polymq.broker.find;

import org.jspecify.annotations.NullMarked;
