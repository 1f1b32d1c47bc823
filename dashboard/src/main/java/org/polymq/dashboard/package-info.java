/* SPDX-License-Identifier: Apache-2.0 */
/** Metrics and health over HTTP. */
@NullMarked
package org.polymq.dashboard;

import org.jspecify.annotations.NullMarked;
