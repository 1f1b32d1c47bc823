/* SPDX-License-Identifier: Apache-2.0 */
/** {@code bin/polymq demo}: a client of each protocol, as applications use them. */
@NullMarked
package org.polymq.cli.demo;

import org.jspecify.annotations.NullMarked;
