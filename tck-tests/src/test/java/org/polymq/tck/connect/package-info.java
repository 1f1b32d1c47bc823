/* SPDX-License-Identifier: Apache-2.0 */
/** Connectors with plugins that we did not write, in a server that is killed. */
@NullMarked
package org.polymq.tck.connect;

import org.jspecify.annotations.NullMarked;
