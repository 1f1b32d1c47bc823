/* SPDX-License-Identifier: Apache-2.0 */
/** A program that knows nothing but javax.jms 2.0. */
@NullMarked
package org.polymq.tck.javax;

import org.jspecify.annotations.NullMarked;
