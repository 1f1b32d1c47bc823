/* SPDX-License-Identifier: Apache-2.0 */
/** Settings that administrators change while the broker runs, kept in the log. */
@NullMarked
package org.polymq.broker.settings;

import org.jspecify.annotations.NullMarked;
