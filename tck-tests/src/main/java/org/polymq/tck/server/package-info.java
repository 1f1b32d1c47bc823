/* SPDX-License-Identifier: Apache-2.0 */
/** The real server as a process of its own: started on free ports, stopped, killed, started again. */
@NullMarked
package org.polymq.tck.server;

import org.jspecify.annotations.NullMarked;
