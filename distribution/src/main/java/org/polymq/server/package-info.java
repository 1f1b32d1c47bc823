/* SPDX-License-Identifier: Apache-2.0 */
/** The composition root: the only place that builds the whole broker. */
@NullMarked
package org.polymq.server;

import org.jspecify.annotations.NullMarked;
