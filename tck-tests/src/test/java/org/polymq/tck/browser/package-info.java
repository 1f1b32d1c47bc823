/* SPDX-License-Identifier: Apache-2.0 */
/** The dashboard in a real browser. */
@NullMarked
package org.polymq.tck.browser;

import org.jspecify.annotations.NullMarked;
