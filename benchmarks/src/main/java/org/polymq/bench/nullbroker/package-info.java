/* SPDX-License-Identifier: Apache-2.0 */
/** A broker that keeps nothing: what is left of a figure when storage is taken away. */
@NullMarked
package org.polymq.bench.nullbroker;

import org.jspecify.annotations.NullMarked;
