/* SPDX-License-Identifier: Apache-2.0 */
/** Plugins that behave badly, packed into a jar by the tests. */
@NullMarked
package org.polymq.connect.bad;

import org.jspecify.annotations.NullMarked;
