/* SPDX-License-Identifier: Apache-2.0 */
/** Clients of the three protocols behind one small interface, so that each pair of them is one test. */
@NullMarked
package org.polymq.tck.client;

import org.jspecify.annotations.NullMarked;
