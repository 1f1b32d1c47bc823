/* SPDX-License-Identifier: Apache-2.0 */
/** The command line: one class for each command of {@code bin/polymq}. */
@NullMarked
package org.polymq.cli;

import org.jspecify.annotations.NullMarked;
